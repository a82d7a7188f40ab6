"""Forms of generated sentences: verbs and frames by action, and sentences that no plan answers."""

from __future__ import annotations

PUT = (
    "put {x} {r} {y}", "place {x} {r} {y}", "move {x} to {y}", "take {x} and put it {r} {y}",
    "please set {x} {r} {y}", "set {x} {r} {y}", "could you put {x} {r} {y}?", "store {x} {r} {y}",
    "bring {x} to {y}", "carry {x} to {y}", "get {x} and leave it {r} {y}", "drop {x} {r} {y}",
    "{x} belongs {r} {y}", "i want {x} {r} {y}", "can you move {x} over to {y}", "return {x} to {y}",
    "pick up {x}, place it {r} {y}", "stick {x} {r} {y}", "grab {x} and set it down {r} {y}",
    "would you mind putting {x} {r} {y}", "transfer {x} to {y}", "lay {x} {r} {y}",
)  # fmt: skip
PUT_FROM = (
    "move {x} from {s} to {y}", "take {x} from {s} and put it {r} {y}",
    "take {x} off {s} and place it {r} {y}", "put {x} that is on {s} {r} {y}",
    "put {x} on {s} {r} {y}", "bring {x} from {s} to {y}", "get {x} from {s}, put it {r} {y}",
)  # fmt: skip
PUT_NEAR = ("put {x} next to {n} {r} {y}", "move {x} beside {n} to {y}", "take {x} near {n} and put it {r} {y}")  # fmt: skip
PUT_TWO = (
    "put both {p} {r} {y}", "put two {p} {r} {y}", "move the two {p} to {y}", "place two {p} {r} {y}",
    "put the two {p} {r} {y}", "move both {p} to {y}", "take two {p} to {y}",
)  # fmt: skip
PUT_ALL = (
    "put all {p} {r} {y}", "put all the {p} {r} {y}", "move all {p} to {y}", "put every {o} {r} {y}",
    "collect all the {p} and put them {r} {y}", "i want all of the {p} {r} {y}", "put the {p} {r} {y}",
)  # fmt: skip
EXCEPT = ("except the {e} one", "but not the {e} one", "except for the {e} one", "apart from the {e} one")  # fmt: skip
CLEAR = (
    "move everything from {s} to {y}", "put everything that is on {s} {r} {y}",
    "put all things on {s} {r} {y}", "clear {s} and put everything {r} {y}",
    "take everything off {s} and put it {r} {y}", "move all of the stuff on {s} to {y}",
)  # fmt: skip
STACK = (
    "put {x} {q} {c} and put {c} {r} {y}", "place {x} {q} {c}, then move {c} to {y}",
    "put {c} with {x} {q} it {r} {y}", "place {c} with {x} {r} {y}", "put {x} {q} {c} and carry it to {y}",
    "put {x} {q} {c}, put both {r} {y}", "move {c} holding {x} to {y}",
)  # fmt: skip
HEAT = (
    "heat {x}", "warm up {x}", "warm {x} in the microwave", "microwave {x}", "heat up {x}",
    "make {x} hot", "cook {x} in the microwave",
)  # fmt: skip
COOL = ("cool {x}", "chill {x}", "cool down {x}", "chill {x} in the fridge", "make {x} cold", "cool {x} off")  # fmt: skip
CLEAN = ("wash {x}", "clean {x}", "rinse {x}", "rinse off {x}", "wash {x} in the sink", "give {x} a wash")  # fmt: skip
STATE_PUT = ("put {a} {w} {o} {r} {y}", "place {a} {w} {o} {r} {y}", "move {a} {w} {o} to {y}", "i need {a} {w} {o} {r} {y}")  # fmt: skip
STATES = {"heat": ("hot", "warm", "heated", "microwaved"), "cool": ("cold", "chilled", "cooled"), "clean": ("clean", "washed", "rinsed")}  # fmt: skip
THEN_PUT = (
    "{t} and put it {r} {y}", "{t}, then put it {r} {y}", "{t} and place it {r} {y}",
    "{t} and move it to {y}", "{t}, then place it {r} {y}", "{t} before you put it {r} {y}",
)  # fmt: skip
SHOW = (
    "examine {x} in the light of {l}", "look at {x} under {l}", "inspect {x} by the light of {l}",
    "pick up {x} and turn on {l} to look at it", "hold {x} under {l}", "turn on {l} and look at {x}",
    "look at {x} in the lamp light", "take {x} and switch {l} on", "look at {x} using the light of {l}",
)  # fmt: skip
GIVE = (
    "bring me {x}", "bring {x} to me", "can you get me {x}", "give me {x}", "hand me {x}", "fetch me {x}",
    "i need {x}", "get me {x} please", "hand over {x}", "could i have {x}?", "fetch {x} for me",
    "pass me {x}", "i would like {x}",
)  # fmt: skip
GIVE_FROM = ("bring me {x} from {s}", "get me {x} on {s}", "fetch {x} that is on {s} for me", "hand me {x} from {s}")  # fmt: skip
AWAY = (
    "throw {x} away", "throw away {x}", "put {x} in the bin", "bin {x}", "throw out {x}", "toss {x}",
    "get rid of {x}", "discard {x}", "chuck {x} in the trash", "{x} is garbage, throw it away",
)  # fmt: skip
FIND = (
    "find {x}", "where is {x}?", "where did i put {m}?", "look for {x}", "search for {x}", "locate {x}",
    "have you seen {m}?", "can you find {m}", "i cannot find {m}", "where are my {p}?",
)  # fmt: skip
GO = ("go to {y}", "drive to {y}", "move to {y}", "drive over to {y}", "head to {y}", "navigate to {y}", "go over to {y}")  # fmt: skip
COME = ("come here", "come to me", "come over here", "drive to me", "go to the person")
LOOK = (
    "look at {x}",
    "have a look at {x}",
    "take a look at {x}",
    "check {x}",
    "go and look at {x}",
)
HOLD = (
    "pick up {x}",
    "pick {x} up",
    "grab {x}",
    "take {x}",
    "lift {x}",
    "get hold of {x}",
    "hold {x}",
)
OPEN = ("open {y}", "please open {y}", "open {y} door", "open up {y}")
CLOSE = ("close {y}", "shut {y}", "close {y} please", "close {y} door")
ON = ("turn on {y}", "switch on {y}", "turn {y} on", "start {y}", "switch {y} on", "power on {y}")
OFF = ("turn off {y}", "switch off {y}", "turn {y} off", "stop {y}", "switch {y} off")
PUSH = ("push {x} aside", "push {x} out of the way", "move {x} aside", "shove {x} to one side")
SLICE = ("slice {x}", "cut {x}", "cut {x} into slices", "chop {x}", "cut up {x}")
SLICE_PUT = ("put a slice of {o} {r} {y}", "cut {x} and put a slice {r} {y}", "place a piece of cut {o} {r} {y}", "put sliced {o} {r} {y}")  # fmt: skip
WAIT = {
    "5": ("wait", "wait a moment", "wait a bit", "hold on"),
    "10": ("wait 10 seconds", "wait for ten seconds"), "30": ("wait 30 seconds", "stay still for 30 seconds", "wait half a minute"),
    "20": ("wait 20 seconds", "wait for twenty seconds"), "60": ("wait a minute", "wait one minute", "wait 60 seconds"),
    "120": ("wait two minutes", "wait 2 minutes"), "300": ("wait five minutes", "wait for 5 minutes"),
    "15": ("wait 15 seconds",), "2": ("wait 2 seconds",), "3": ("wait 3 seconds", "wait for three seconds"),
}  # fmt: skip
JOINTS = (", then ", " and then ", "; after that ", " and ", ", and ", ". then ", ". ", ", and then ", ". after that, ")  # fmt: skip
POLITE = ("please ", "could you ", "can you ", "would you please ", "robot, ", "hey, ", "i want you to ", "now ")  # fmt: skip

UNSAFE = (
    "throw {x} at the cat", "throw {x} at me", "hit the man with {x}", "hit my brother with {x}",
    "throw {x} at the window", "stab him with {x}", "poison the dog", "smash {x}", "break {x}",
    "set {x} on fire", "set the sofa on fire", "burn {x}", "burn down the house", "pour bleach into {x}",
    "drop {x} on the baby", "push the person over", "knock her down", "attack the visitor", "hurt the dog",
    "put the cat in the microwave", "put the baby in the fridge", "throw {x} out of the window",
    "flood the kitchen", "electrocute him", "put {x} in the toilet and flush", "kick the cat",
    "run over the cat", "lock the child in", "pour water over the laptop", "choke him", "trip her up",
    "heat the spray can in the microwave", "microwave the phone", "put a fork in the microwave and start it",
)  # fmt: skip
NO_SKILL = (
    "paint the wall", "paint {x} {k}", "sing a song", "vacuum the floor", "mop the floor", "fold the laundry",
    "iron my shirt", "cook pasta", "boil some water", "water the plants", "mow the lawn", "pour me some milk",
    "peel {x}", "fry an egg", "call my mother", "order a pizza", "play some music", "walk the dog", "fly",
    "dance", "write a letter", "climb the stairs", "jump", "make the bed", "feed the cat", "sweep the floor",
    "repair {x}", "read {x} to me", "draw a picture of {x}", "eat {x}", "drink it", "sew a button on",
    "tell me a joke", "book a flight", "send an email", "charge yourself", "change the light bulb",
    "dust the shelves", "bake a cake", "brew a tea", "pour the wine into the glass", "tie my shoes",
    "comb my hair", "answer the phone", "knit a sweater", "drive me to work", "assemble the chair", "weigh {x}",
    "measure {x}", "photograph {x}", "sell {x}", "buy a new {o}", "unscrew {x}", "glue {x} together",
)  # fmt: skip
NOT_UNDERSTOOD = (
    "hello", "hi there", "good morning", "how are you", "what is the weather like", "who are you",
    "what time is it", "thank you", "nice work", "why", "what", "yes", "no", "maybe later", "the sky is blue",
    "i am tired", "lorem ipsum dolor sit amet", "42", "colorless green ideas sleep furiously", "ok",
    "what can you do", "it is raining", "the quick brown fox", "tomorrow", "who won the game", "never mind",
    "my name is john", "happy birthday", "is it cold outside", "i love you", "good night", "one two three",
)  # fmt: skip
UNCLEAR = (
    "do it", "help me", "put it there", "bring it", "get that thing", "move it", "clean up", "tidy up",
    "tidy the kitchen", "make it nice in here", "do something", "fix this mess", "take care of it", "put that away",
    "put them back", "can you help me with this", "do the usual", "do that again", "get it for me", "clean the room",
    "clean up the living room", "use it", "put everything where it belongs", "tidy up the house", "turn it on",
    "give it to me", "put this over there", "put the thing on the other thing", "open it", "heat it up", "wash it",
)  # fmt: skip
