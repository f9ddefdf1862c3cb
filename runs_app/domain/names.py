"""Names for runs that nobody named: two words that can be told apart and spoken. Pure."""

_ADJECTIVES = """
able agile amber ample apt azure bold brave breezy bright brisk calm candid cheery civil clear
clever cobalt coral cosmic cozy crisp curious dapper daring deft eager early earnest easy fair
fancy fast fearless fine firm fleet fond frank free fresh gentle giddy glad golden good grand
green handy happy hardy hazel honest humble ideal indigo ivory jade jolly jovial keen kind
lavish lean level light likely lilac lively loyal lucid lucky lunar mellow merry mild mint
modest neat nimble noble novel olive open patient pearly plucky polite prime proud pure quick
quiet rapid ready robust rosy ruby rustic sage sandy scarlet serene sharp shiny silent silver
simple sincere sleek smart smooth snug solar solid spry stable steady stoic stout sturdy subtle
sunny super swift tame tender tidy tranquil true trusty umber unique upbeat valid vast velvet
vivid warm wary wise witty young zany zesty
"""
_ANIMALS = """
adder alpaca anchovy ant avocet badger barbet bat bear beaver bee beetle bison bittern boar
bongo bream budgie bunting buzzard camel caribou carp cat chough cicada civet clam cobra cod
condor coot coral cormorant crab crane cricket crow curlew deer dingo dipper dolphin donkey
dormouse dove duck dunlin eagle eel egret eider elk emu ermine falcon ferret finch flea fox frog
gannet gazelle gecko gibbon gnu goat goby godwit goose grebe grouse gull guppy hare hawk
hedgehog heron hoopoe hornet horse ibex ibis iguana impala jackal jackdaw jaguar jay kestrel
kite kiwi koala krill lamb lapwing lark lemur lion linnet lizard llama lobster loon lynx macaw
magpie mallard marmot marten merlin mink mole moose moth mouse mule mussel narwhal newt numbat
ocelot okapi orca oriole osprey otter owl ox oyster panda parrot pelican perch petrel pigeon
pike pipit plover pony puffin puma quail rabbit raccoon raven redstart robin rook salmon seal
shrew shrike siskin skink skua skylark snail snipe sparrow squid stoat stork swan swift tapir
tern thrush tiger toad trout tuna turtle urchin viper vole walrus wasp weasel whale wolf wombat
wren yak zebra
"""
ADJECTIVES = tuple(_ADJECTIVES.split())
ANIMALS = tuple(_ANIMALS.split())


def run_name(number: int) -> str:
    """The name that belongs to a (random) number."""
    rest, adjective = divmod(number, len(ADJECTIVES))
    return f"{ADJECTIVES[adjective]}-{ANIMALS[rest % len(ANIMALS)]}"
