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
        " | choice | instead"
        " | my choice is | my preference is | my answer is | my pick is | my favourite is | my favorite is"
        " | preferably | much appreciated | see you | see you then | see you soon | see you there"
        " | looking forward | looking forward to it | look forward to it"
        " | :) | :-) | ;) | ;-) | 🙂 | 😊 | 👍 | ✅ | ✔ | ✔️"
    ),
    thanks=(
        "thanks | thank you | thx | ty | thanks a lot | thanks so much | thank you so much | thank you very much"
        " | thanks very much | many thanks | thanks again | thank you again"
    ),
    thanked_for=(
        "for organising | for organizing | for organising this | for organizing this | for the options"
        " | for the invitation | for the invite | for your invitation | for your mail | for your email"
        " | for your e-mail | for your message | for your note | for the message | for the email | for reaching out"
        " | for setting this up | for arranging this | for arranging | for the suggestions | for the proposals"
        " | for the times | for the info | for coordinating | for coordinating this | for getting in touch"
    ),
    assent=(
        "yes | yep | yeah | yup | ok | okay | sure | sure thing | alright | all right | convenient | well | really"
        " | very well | perfectly | happy with | fine with | ok with | okay with | good with | definitely"
        " | absolutely | gladly | happily | of course | no problem | available | free | possible | sounds good"
        " | sounds great | sounds perfect | that works | that's fine | that is fine | that's great | that's perfect"
        " | that would be great | that would be good | let's meet | lets meet | let's say | i'd say | the best option"
        " | the best one | best for me | best for us"
    ),
    remarks=(
        "my choice | my preference | my answer | my pick | my favourite | my favorite | talk to you | talk soon"
        " | speak soon | have a nice day | have a great day | have a good day | have a nice weekend"
        " | have a great weekend | have a good weekend | have a nice evening | have a great evening"
        " | enjoy your weekend | hope you are well | hope you're well | i hope you are well | i hope you're well"
        " | hope all is well | i hope all is well | hope you are doing well | i hope you are doing well"
        " | hope this finds you well | great | perfect | excellent | lovely | wonderful | fantastic"
        " | nice | cool | good | fine | awesome | ideal"
        " | happy | it's | it is | it will be | it'll be"
        " | it's just | it's only | it is just | it is only | it's so"
    ),
    uncertain=(
        "not sure | not so sure | not certain | not yet | not really sure | not only | i'll confirm | i will confirm"
        " | we'll confirm | we will confirm | like to confirm | want to confirm | it takes | it will take"
        " | it'll take | only one | just one | i work | we work | i'll work | i will work | also work | just work"
        " | only work | may work | may be | may fit | may suit | may do | may well | may really | last time"
        " | the first time | the second time | the third time | first choice | second choice | third choice"
        " | the sun | i sat | we sat | we wed | i wed"
    ),
    also="too | also | as well",
    subjects=("i | we | i'm | i am | we're | we are | i'd | we'd | i would | we would | let's | lets | let us | it"),
    future="i'll | i will | we'll | we will | it will",
    datives=(
        "me | us | for me | for us | on my end | on our end | on my side | on our side | for my schedule"
        " | with my schedule"
    ),
    verbs=(
        "works | work | suits | suit | fits | fit | make | take | prefer | want | like | love | go with"
        " | going with | go for | going for | good to go | can do | can make | can make it | happy to do"
        " | would prefer | would like | would love | will take | looks | vote for | book me in for"
        " | put me down for | put me in for"
    ),
    decisions=(
        "choose | chose | pick | select | book | confirm | confirmed | confirming | accept | do | do it | take it"
        " | make it"
    ),
    asking="would | can | do you | do we | do they | do these | does | will | shall",
    being="is | are | be",
    articles="the",
    on="on | for",
    at="at | @",
    until="to",
    since="from",
    conjunctions="and | or | & | as well as",
    negations=(
        "not | don't | do not | doesn't | does not | can't | cannot | can not | won't | will not | isn't | is not"
        " | aren't | are not | wouldn't | would not | dont | doesnt | cant | wont | impossible | unavailable"
    ),
    instead="instead of | rather than",
    contrasts="but | rather",
    options=(
        "option | slot | number | num | nr | choice number | item | proposal | suggestion | time slot | time | date | #"
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
        " | they all work | they all work for me | all work | all work for me | up to you | your choice"
        " | it's up to you | it is up to you | i'm easy | as you like | as you prefer"
    ),
    none=(
        "none | none of these | none of them | none of those | none of the times | none of these times"
        " | none of the above | none of the slots | none of the options | none of these slots"
        " | none of these options | nothing works | nothing suits | nothing suits me | nothing fits"
        " | not available at any of these times | i'm not available at any of these times"
        " | i am not available at any of these times | i'm not available for any of these"
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
    weak_closings="thanks | thank you | thx | ty | thanks again | cheers | best | br | kr | ta | take care",
    sent_from="sent from | sent via | sent with | get outlook for",
    excuses=(
        "please excuse my brevity | excuse my brevity | please excuse the brevity | please excuse brevity"
        " | please excuse typos | please excuse any typos | excuse typos | please excuse brevity and typos"
    ),
    doubts=(
        "if | unless | but | maybe | perhaps | possibly | probably | might | could | should | not | no | never"
        " | only | except | however | although | though | before | after | until | otherwise | or | cannot"
        " | can't | don't | doesn't | won't | wait | actually | correction | edit | ps | p.s | nb | n.b | update"
        " | sorry | instead | provided | assuming | depending | because | unfortunately | please | tentatively"
        " | ask | call | check | must | need | needs | require | requires | once | when | while | let | confirm"
        " | also | else | then | hope | think | guess | can | will | would | have | agree | agrees | both"
        " | either | neither | without | forget | cancel | cancelled | canceled | oops | scrap | scratch | ignore"
        " | disregard | nevermind | nope | strike | discard | hang | hold | clash | conflict | postpone | postponed"
        " | pending | approval | tbc | tbd | p | pps | meant | holiday | vacation | rather | make | back"
        " | sick | ill | mistake | wrong | changed | change"
    ),
    disclaimers=(
        "confidential | disclaimer | this e-mail | this email | this message | the information | privileged | caution"
        " | this communication | if you are not the intended | if you have received this"
    ),
    particulars=(
        "please consider the environment | consider the environment | please think before | think before you print"
        " | registered in | registered office | company number | company no | company registration"
        " | office hours | working hours | my working days | my working hours | opening hours"
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
    plurals="work | are | suit | fit",
    doubtful="[WDRgCNp][qb]s",  # Friday is it free
    of="of",
    am="am | a.m",
    pm="pm | p.m",
    one="one",
    dotted={"no": Token(Sense.OPTION)},
)
