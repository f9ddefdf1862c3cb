curl --fail-with-body -X POST "${PREFECT_API_URL%/}/automations/" \
  -H "Authorization: Bearer $FLINT_API_KEY" \
  -H 'Content-Type: application/json' \
  --data-binary @- <<'JSON'
{
  "name": "nightly",
  "enabled": false,
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "expect": [
      "orders.file.landed"
    ],
    "match": {
      "bucket": [
        "s3://in/*",
        "!s3://in/tmp/*"
      ],
      "region": "eu"
    },
    "match_related": [
      {
        "prefect.resource.role": "tag",
        "prefect.resource.id": "prefect.tag.prod"
      }
    ],
    "for_each": [
      "customer"
    ],
    "threshold": 3,
    "within": 1800
  },
  "actions": [
    {
      "type": "run-deployment",
      "source": "selected",
      "deployment_id": "11111111-1111-4111-8111-111111111111",
      "parameters": {
        "customer": "{{ event.resource['customer'] }}"
      },
      "schedule_after": 90
    }
  ]
}
JSON
