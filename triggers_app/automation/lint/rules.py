"""What each rule of lint means, in the words of docs/lint.md; a test keeps them the same. Pure."""

from typing import NamedTuple


class Rule(NamedTuple):
    """`title` names what is questionable, `why` says what comes of it."""

    title: str
    why: str


RULES: dict[str, Rule] = {
    "L01": Rule(
        "A negation among alternatives",
        "The values of one label are alternatives: one is enough. So a negation beside "
        "another value lets in nearly everything that the other would keep out.",
    ),
    "L02": Rule(
        "A negation on related resources",
        "A map in `match_related` is satisfied by any one related resource. An event "
        "with the tags `dev` and `nightly` has a tag that is not `dev`.",
    ),
    "L03": Rule(
        "An event that begins and ends the wait",
        '"Stays in Pending or Running for an hour", written with both states in `after` '
        "and in `expect`: going from Pending to Running ends the first wait and begins "
        "another, so it never gets to an hour.",
    ),
    "L04": Rule(
        "Every event",
        "Nothing narrows the trigger, so it fires on every event, also on those about "
        "its own firings.",
    ),
    "L05": Rule(
        "A count without a window",
        "More than one event is wanted, and `within` is 0: there is no window to count "
        "in. What was counted is forgotten about a minute after the first event; with "
        "`after` it never fires at all.",
    ),
    "L06": Rule(
        "Events without the label of `for_each`",
        "They are all counted together, as if they had the same label.",
    ),
    "L07": Rule(
        "A negation of a label that is absent",
        "A label that is not there never matches, not even a negation.",
    ),
    "L08": Rule(
        "A name that was never seen",
        "No event with this name was recorded, nor does Flint emit it. Often a slip.",
    ),
    "L09": Rule(
        "A wait below ten seconds",
        "A proactive trigger waits at least 10 seconds. The API reads 0 as 10 and "
        "refuses what lies between.",
    ),
    "L10": Rule(
        "A template without a value",
        "The whole value is one expression, and for the example event it does not "
        "exist. The run would be refused.",
    ),
    "L11": Rule(
        "Text where a number is wanted",
        "The parameter's schema wants a number, and this is text. Flint converts text "
        "that is exactly one number; any other text is refused.",
    ),
    "L12": Rule(
        "A loop",
        "The automation runs a deployment whose runs, perhaps by way of other "
        "automations, fire it again.",
    ),
    "L13": Rule(
        "A target that has changed",
        "What an action selects was deleted, is paused, or no longer has a parameter "
        "that the action gives.",
    ),
    "L14": Rule(
        "A resource that has finished",
        "The trigger is pinned to one run (or another thing that ends), which has "
        "ended. It emits nothing more.",
    ),
    "L15": Rule(
        "The same trigger elsewhere",
        "Another automation fires on exactly the same. If that is not wanted twice, put "
        "the actions into one automation.",
    ),
    "L16": Rule(
        "A `?` or `[…]` in an id",
        "Values are patterns: `?` is any character, `[ab]` is `a` or `b`. An id that "
        "contains them does not match itself.",
    ),
    "L17": Rule(
        "A window longer than events are kept",
        "It works, but it can neither be tried on recorded events nor explained back to "
        "its beginning.",
    ),
    "L18": Rule(
        "Too many firings",
        "In the busiest hour there were more firings than wanted (60, unless set otherwise).",
    ),
    "L19": Rule(
        "No firing at all",
        "Not once in the past that was looked at, which is longer than every window of "
        "the trigger. Explain an event that should have counted: the verdict says which "
        "condition it did not meet.",
    ),
    "L20": Rule(
        "Another case than every value seen",
        "Upper and lower case count. All values seen are written in another way.",
    ),
    "L21": Rule(
        "A required parameter without a value",
        "The schema requires it, it has no default, and neither the deployment nor the "
        "action sets it. The run would be refused.",
    ),
    "L22": Rule(
        "Steps that one event can meet",
        "One event can count for two steps of a sequence. It is given to them in the "
        "order in which they stand, so the sequence may be through sooner than it "
        "looks.",
    ),
    "L23": Rule(
        "A key that nobody knows",
        "It is kept as it is and has no effect: what it was to ask for is not asked.",
    ),
}
