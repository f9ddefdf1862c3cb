from django.urls import include, path

from triggers_app.web import (
    automation,
    automations,
    blocks,
    bulk,
    catalogue,
    explanations,
    firings,
    lineage,
    overview,
    palette,
    pausing,
    prefect_links,
    replays,
    status,
    watch,
)

_automations = [
    path("", automations.automations, name="list"),
    path("of-deployment/", automations.of_deployment, name="of-deployment"),
    path("bulk/", bulk.change, name="bulk"),
    path("bulk/undo/", bulk.undo, name="bulk-undo"),
    path("fates/", explanations.fates, name="fates"),
    path("<uuid:automation_id>/", automation.automation, name="one"),
    path("<uuid:automation_id>/explain/", explanations.explain, name="explain"),
    path("<uuid:automation_id>/windows/", automation.windows, name="windows"),
    path("<uuid:automation_id>/versions/", automation.versions, name="versions"),
    path("<uuid:automation_id>/document/", automation.document, name="document"),
    path("<uuid:automation_id>/switch/", automation.switch, name="switch"),
    path("<uuid:automation_id>/shadow/", automation.shadow, name="shadow"),
]
_firings = [
    path("", firings.firings, name="list"),
    path("latest/", firings.latest, name="latest"),
    path("chain/", firings.chain, name="chain"),
    path("of-run/", firings.of_run, name="of-run"),
    path("<uuid:firing_id>/", firings.firing, name="one"),
    path("<uuid:firing_id>/actions/<int:index>/retry/", firings.retry, name="retry"),
]
_brakes = [
    path("", pausing.state, name="state"),
    path("banner/", pausing.banner, name="banner"),
    path("stop/", pausing.stop, name="stop"),
    path("resume/", pausing.resume, name="resume"),
    path("release/", pausing.release, name="release"),
    path("discard/", pausing.discard, name="discard"),
    path("start-runs/", pausing.start_runs, name="start-runs"),
    path("cancel-runs/", pausing.cancel_runs, name="cancel-runs"),
]
_blocks = [
    path("", blocks.listed, name="list"),
    path("new/<slug:slug>/", blocks.new, name="new"),
    path("new/<slug:slug>/create/", blocks.create, name="create"),
    path("<uuid:block_id>/", blocks.one, name="one"),
    path("<uuid:block_id>/change/", blocks.change, name="change"),
    path("<uuid:block_id>/delete/", blocks.delete, name="delete"),
]
# As Prefect's client prints them.
_prefect_links = [
    *(
        path(f"{pattern}/<uuid:object_id>", prefect_links.one, {"kind": kind})
        for kind, pattern in {
            "flow-run": "runs/flow-run",
            "deployment": "deployments/deployment",
            "automation": "automations/automation",
            "artifact": "artifacts/artifact",
            "block": "blocks/block",
            "event": "events/event/<str:day>",
        }.items()
    ),
    path("runs/task-run/<uuid:object_id>", prefect_links.task_run),
    path("flows/flow/<uuid:object_id>", prefect_links.flow),
    path("work-pools/work-pool/<str:name>", prefect_links.work_pool),
    path("work-queues/work-queue/<uuid:object_id>", prefect_links.work_queue),
    path("blocks/catalog", prefect_links.blocks),
    path("blocks/catalog/<slug:slug>", prefect_links.new_block),
    path("blocks/catalog/<slug:slug>/create", prefect_links.new_block),
]
_catalogue = [
    path("", catalogue.names, name="list"),
    path("<path:name>/", catalogue.one, name="one"),
]
# Beside the pages of one event, which a lower app owns.
_replays = [
    path("", replays.ask, name="ask"),
    path("start/", replays.start, name="start"),
]
_lineage = [path("", lineage.picture, name="picture")]
_watch = [
    path("", watch.board, name="board"),
    path("snooze/", watch.snooze, name="snooze"),
    path("end-snooze/", watch.end_snooze, name="end"),
]
urlpatterns = [
    *_prefect_links,
    path("", overview.overview, name="overview"),
    path("news/", overview.news, name="news"),
    path("go/", palette.go, name="go"),
    path("status/", status.status, name="status"),
    path("", include("triggers_app.builder.urls")),
    path("automations/", include((_automations, "automations"))),
    path("firings/", include((_firings, "firings"))),
    path("brakes/", include((_brakes, "brakes"))),
    path("catalogue/", include((_catalogue, "catalogue"))),
    path("lineage/", include((_lineage, "lineage"))),
    path("events/<uuid:event_id>/replay/", include((_replays, "replays"))),
    path("watch/", include((_watch, "watch"))),
    path("blocks/", include((_blocks, "blocks"))),
]
