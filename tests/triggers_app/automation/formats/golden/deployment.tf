# `schedule_after` is lost: Prefect's Terraform provider has no attribute for it.
resource "prefect_automation" "nightly" {
  name    = "nightly"
  enabled = false

  trigger = {
    event = {
      posture = "Reactive"
      match = jsonencode({
        bucket = ["s3://in/*", "!s3://in/tmp/*"]
        region = "eu"
      })
      match_related = jsonencode([
        {
          "prefect.resource.role" = "tag"
          "prefect.resource.id"   = "prefect.tag.prod"
        },
      ])
      expect    = ["orders.file.landed"]
      for_each  = ["customer"]
      threshold = 3
      within    = 1800
    }
  }

  actions = [
    {
      type          = "run-deployment"
      source        = "selected"
      deployment_id = "11111111-1111-4111-8111-111111111111"
      parameters = jsonencode({
        customer = "{{ event.resource['customer'] }}"
      })
    },
  ]
}
