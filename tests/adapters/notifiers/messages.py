"""Messages to send."""

from shrinkwatch.records.message import Message, Told

ONE = Told(
    "3f2a9c5e10b24d7f8a91",
    "operator 7K2M at Ørsted: Drawer opened right after a void",
    (("grave", "high"), ("at stake", "£412")),
    ("12 of 40 no-sales came within two minutes of a void; peers: 0.4.",),
    ("Another person approved the opening of the drawer.",),
    "https://lp.example.com/alerts/3f2a9c5e10b24d7f8a91",
)
MESSAGE = Message("lp-room/3f2a9c5e10b24d7f8a91", ONE.title, (ONE,))
