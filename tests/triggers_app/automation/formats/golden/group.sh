curl --fail-with-body -X POST "${PREFECT_API_URL%/}/automations/" \
  -H "Authorization: Bearer $FLINT_API_KEY" \
  -H 'Content-Type: application/json' \
  --data-binary @- <<'JSON'
{
  "name": "Orders landed",
  "description": "Files, then the snapshot",
  "tags": [
    "prod"
  ],
  "trigger": {
    "type": "compound",
    "require": "all",
    "within": 1800,
    "triggers": [
      {
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
      {
        "type": "event",
        "posture": "Proactive",
        "after": [
          "inventory.started"
        ],
        "expect": [
          "inventory.snapshot.done"
        ],
        "within": 90.5
      },
      {
        "type": "metric",
        "posture": "Metric",
        "metric": {
          "name": "lateness",
          "operator": ">",
          "threshold": 1.5,
          "range": 600
        }
      },
      {
        "type": "sequence",
        "within": null,
        "triggers": [
          {
            "type": "event",
            "posture": "Reactive",
            "expect": [
              "a"
            ]
          },
          {
            "type": "event",
            "posture": "Reactive",
            "expect": [
              "b"
            ]
          }
        ]
      }
    ]
  },
  "actions": [
    {
      "type": "run-deployment",
      "source": "selected",
      "deployment_id": "11111111-1111-4111-8111-111111111111",
      "parameters": {
        "customer": "{{ event.resource['customer'] }}",
        "cost": "${amount}",
        "limits": [
          1,
          [
            2,
            3
          ],
          {
            "soft": null,
            "if": true
          }
        ]
      },
      "schedule_after": 60
    },
    {
      "type": "send-notification",
      "block_document_id": "11111111-1111-4111-8111-111111111111",
      "subject": "Orders",
      "body": "Landed:\n\t\"{{ event.id }}\"\n"
    },
    {
      "type": "pause-work-pool",
      "source": "inferred"
    }
  ],
  "actions_on_trigger": [
    {
      "type": "change-flow-run-state",
      "state": "FAILED",
      "message": "100 %{x}"
    }
  ]
}
JSON
