"""English."""

from __future__ import annotations

from parley.core.words.table import Sense, Token, Words

NAMES_OF_NUMBERS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
)
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
DAYS = "monday tuesday wednesday thursday friday saturday sunday"
MONTHS = "january february march april may june july august september october november december"

WORDS = Words(
    plain=(
        "please | pls | plz | best | very | just | only | so | then | like to | want to | prefer to | love to"
        " | my choice | my preference | my answer | my pick | my favourite | my favorite | choice | instead"
        " | preferably | thanks a lot | thanks so much | thank you so much | thank you very much | many thanks"
        " | much appreciated | thanks for organising | thanks for organizing | thanks for the options"
        " | thanks for the invitation | thanks for your mail | thanks for your email | see you | see you then"
        " | see you soon | see you there | talk to you | talk soon | speak soon | looking forward"
        " | looking forward to it | look forward to it | have a nice day | have a great day | have a good day"
        " | :) | :-) | ;) | ;-) | 🙂 | 😊 | 👍 | ✅ | ✔ | ✔️"
    ),
    assent=(
        "yes | yep | yeah | yup | ok | okay | sure | sure thing | great | perfect | excellent | lovely"
        " | wonderful | fantastic | nice | cool | good | fine | alright | all right | awesome | ideal"
        " | convenient | well | really | very well | happy with | fine with | ok with | okay with | good with"
        " | definitely | absolutely | gladly | happily | of course | no problem | available | free | happy"
        " | possible | sounds good | sounds great | sounds perfect | that works | that's fine | that is fine"
        " | that's great | that's perfect | that would be great | that would be good"
    ),
    uncertain="not sure | not so sure | not certain | not yet | not really sure | not only",
    also="too | also | as well",
    subjects=(
        "i | we | me | us | for me | for us | i'm | i am | we're | we are | i'd | we'd | i would | we would"
        " | i'll | we'll | i will | we will | let's | let us | it | it's | it is"
    ),
    verbs=(
        "works | work | suits | suit | fits | fit | be | make | take | choose | chose | pick | prefer | want"
        " | like | love | go | going | go with | going with | go for | going for | select | book | confirm"
        " | accept | good to go | can do | book me in for | put me down for | put me in for"
    ),
    asking="is | are | would | can | do | does | will | shall",
    articles="the",
    on="on | for",
    at="at | @",
    until="to",
    conjunctions="and | or | & | as well as",
    negations=(
        "not | don't | do not | doesn't | does not | can't | cannot | can not | won't | will not | isn't | is not"
        " | aren't | are not | wouldn't | would not | dont | doesnt | cant | wont | impossible | unavailable"
    ),
    instead="instead of | rather than",
    contrasts="but | rather",
    options=(
        "option | options | slot | slots | number | num | nr | choice number | item | proposal | suggestion"
        " | time slot | time | date | #"
    ),
    oclock="o'clock | oclock | o clock",
    noon="noon | midday | 12 noon",
    any=(
        "any | anything works | anything is fine | anything suits me | anything goes | anytime | any time"
        " | any one | any of them | any of these | any of those | any of the times | any of these times"
        " | any of the slots | any of these slots | any of the options | any slot | any option | whichever"
        " | whichever you like | whichever you prefer | whichever suits you | whichever is best"
        " | whichever works for you | whatever | whatever suits you | whatever suits you best"
        " | whatever works for you | whatever works best for you | whatever works | whatever you like"
        " | whatever you prefer | whenever | whenever suits you | whenever works for you | all of them"
        " | all of these | all of these times | all times | all slots | all of the times | all options"
        " | every slot | doesn't matter | does not matter | it doesn't matter | it does not matter"
        " | doesn't matter to me | i don't mind | don't mind | i don't care | no preference | no preferences"
        " | i have no preference | i'm flexible | i am flexible | flexible | you choose | you decide | you pick"
        " | up to you | your choice | it's up to you | it is up to you | i'm easy | as you like | as you prefer"
    ),
    none=(
        "none | none of these | none of them | none of those | none of the times | none of these times"
        " | none of the above | none of the slots | none of the options | none of these slots"
        " | none of these options | nothing works | nothing suits | nothing suits me | nothing fits"
        " | no slot works | no option works | no time works | no times work | can't make any of these"
        " | cannot make any of these | can't make any of them | cannot make any of them | can't do any of these"
        " | can't do any of them | cannot do any of these | can't make any of these times"
        " | cannot make any of these times"
    ),
    regrets="sorry | unfortunately | sadly | i'm afraid | i am afraid | i'm sorry | i am sorry | my apologies",
    stop=(
        "stop | stop it | unsubscribe | stop writing | stop writing me | stop writing to me | stop mailing me"
        " | stop emailing me | stop these mails | stop these emails | stop sending me mail"
        " | stop sending me mails | stop sending me emails | remove me | unsubscribe me | no more mail"
        " | no more mails | no more emails | no more email | don't write to me | do not write to me"
        " | do not contact me | don't contact me | don't email me | opt out | take me off"
    ),
    last="last",
    greetings=(
        "hi | hello | hey | dear | good morning | good afternoon | good evening | hi there | hello there"
        " | hey there | hi all | hello all | hi everyone | hello everyone | hi team | morning all"
    ),
    closings=(
        "best regards | kind regards | regards | warm regards | warmest regards | with kind regards"
        " | all the best | best wishes | kindest regards | sincerely | yours sincerely | sincerely yours | yours"
        " | yours truly | with best regards | many thanks and best regards | thanks and regards"
        " | thanks and best regards"
    ),
    weak_closings="thanks | thank you | thx | ty | cheers | best | br | kr | ta | take care",
    sent_from="sent from | sent via | sent with | get outlook for",
    doubts=(
        "if | unless | but | maybe | perhaps | possibly | probably | might | could | should | not | no | never"
        " | only | except | however | although | though | before | after | until | otherwise | or | cannot"
        " | can't | don't | doesn't | won't | wait | actually | correction | edit | ps | p.s | nb | n.b | update"
        " | sorry | instead | provided | assuming | depending | because | unfortunately | please | tentatively"
        " | ask | call | check | must | need | needs | require | requires | once | when | while | let | confirm"
        " | also | else | then | hope | think | guess | can | will | would | have | agree | agrees | both"
        " | either | neither | without"
    ),
    disclaimers=(
        "confidential | disclaimer | this e-mail | this email | this message | the information | privileged | caution"
    ),
    numbers={name: number for number, name in enumerate(NAMES_OF_NUMBERS.split(), 2)},
    ordinals={name: number for number, name in enumerate(ORDINALS.split(), 1)},
    ordinal_endings="st nd rd th",
    weekdays={
        **{name: number for number, name in enumerate(DAYS.split())},
        **{name[:3]: number for number, name in enumerate(DAYS.split())},
        "tues": 1,
        "thur": 3,
        "thurs": 3,
        "weds": 2,
    },
    months={
        **{name: number for number, name in enumerate(MONTHS.split(), 1)},
        **{name[:3]: number for number, name in enumerate(MONTHS.split(), 1)},
        "sept": 9,
    },
    relative={"today": 0, "tomorrow": 1, "the day after tomorrow": 2, "day after tomorrow": 2},
    parts={
        "morning": (0, 12),
        "in the morning": (0, 12),
        "afternoon": (12, 18),
        "in the afternoon": (12, 18),
        "evening": (17, 24),
        "in the evening": (17, 24),
    },
    shifts={"half past": 30, "quarter past": 15, "a quarter past": 15, "quarter to": -15, "a quarter to": -15},
    of="of",
    am="am | a.m",
    pm="pm | p.m",
    one="one",
    dotted={"no": Token(Sense.OPTION)},
)
