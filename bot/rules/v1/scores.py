"""
Two scores that are worked out: the classification of systemic sclerosis, and the modified Rodnan skin score.
"""

from bot.rules.classification import Classification, Row

ACR_EULAR_2013 = Classification(
    # van den Hoogen et al., Arthritis Rheum 2013;65:2737 and Ann Rheum Dis 2013;72:1747.
    rows=(
        Row("skin_beyond_mcp", {True: 9, False: 0}),
        Row("fingers", {"none": 0, "puffy": 2, "sclerodactyly": 4}),
        Row("fingertips", {"none": 0, "ulcers": 2, "pitting_scars": 3}),
        Row("telangiectasia", {True: 2, False: 0}),
        Row("nailfold_capillaries", {True: 2, False: 0}),
        Row("pah_or_ild", {True: 2, False: 0}),
        Row("raynaud", {True: 3, False: 0}),
        Row("autoantibodies", {True: 3, False: 0}),
    ),
    bars=("fingers_spared", "other_disorder"),
    needed=9,
)

# Clements et al., J Rheumatol 1995;22:1281.
RODNAN_SITES = (
    "face",
    "chest",
    "abdomen",
    *(
        f"{side}_{site}"
        for site in ("fingers", "hand", "forearm", "upper_arm", "thigh", "leg", "foot")
        for side in ("right", "left")
    ),
)
RODNAN_MOST = 3
