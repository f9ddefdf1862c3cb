# `tags` is lost: Prefect's Terraform provider has no attribute for it.
# `schedule_after` is lost: Prefect's Terraform provider has no attribute for it.
# `terraform plan` refuses the sequence within a group: the provider knows events and metrics there.
resource "prefect_automation" "orders_landed" {
  name        = "Orders landed"
  description = "Files, then the snapshot"
  enabled     = true

  trigger = {
    compound = {
      require = "all"
      triggers = [
        {
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
        },
        {
          event = {
            posture   = "Proactive"
            after     = ["inventory.started"]
            expect    = ["inventory.snapshot.done"]
            threshold = 1
            within    = 90.5
          }
        },
        {
          metric = {
            metric = {
              name       = "lateness"
              operator   = ">"
              threshold  = 1.5
              range      = 600
              firing_for = 300
            }
          }
        },
        {
          sequence = {
            triggers = [
              {
                event = {
                  posture   = "Reactive"
                  expect    = ["a"]
                  threshold = 1
                  within    = 0
                }
              },
              {
                event = {
                  posture   = "Reactive"
                  expect    = ["b"]
                  threshold = 1
                  within    = 0
                }
              },
            ]
          }
        },
      ]
      within = 1800
    }
  }

  actions = [
    {
      type          = "run-deployment"
      source        = "selected"
      deployment_id = "11111111-1111-4111-8111-111111111111"
      parameters = jsonencode({
        customer = "{{ event.resource['customer'] }}"
        cost     = "$${amount}"
        limits = [
          1,
          [2, 3],
          {
            soft = null
            "if" = true
          },
        ]
      })
    },
    {
      type              = "send-notification"
      block_document_id = "11111111-1111-4111-8111-111111111111"
      subject           = "Orders"
      body              = "Landed:\n\t\"{{ event.id }}\"\n"
    },
    {
      type   = "pause-work-pool"
      source = "inferred"
    },
  ]

  actions_on_trigger = [
    {
      type    = "change-flow-run-state"
      state   = "FAILED"
      message = "100 %%{x}"
    },
  ]
}
