"""What a transaction's record says by itself, column by column, for whoever writes a condition."""

from shrinkwatch.features.catalogue_of_facts import MONEY
from shrinkwatch.features.declared import Column
from shrinkwatch.records.batch import TRANSACTION_COLUMNS

_SAYS: dict[str, tuple[str, str]] = {
    "source": ("", "the name of the feed"),
    "store_id": ("", "the store, as the feed calls it"),
    "register_id": ("", "the till, as the feed calls it"),
    "business_date": ("", "the trading day on which the store booked it"),
    "sequence": ("", "its number at that till on that day"),
    "transaction_id": ("", "its id, where the feed gives one"),
    "revision": ("", "a higher one replaces what was sent before"),
    "updated_at": ("", "when this revision was made, UTC"),
    "began_at": ("", "the first scan, UTC"),
    "ended_at": ("", "its end, UTC"),
    "totaled_at": ("", "when the total key was pressed, UTC"),
    "arrived_at": ("", "when it became known, UTC"),
    "utc_offset_s": ("s", "the store's clock ahead of UTC"),
    "type": ("", "what was done at the till; void takes back a finished one"),
    "status": ("", "what became of it"),
    "training": ("", "the till was in training mode"),
    "offline": ("", "the till was cut off"),
    "employee_sale": ("", "the buyer is an employee"),
    "channel": ("", "where it was sold, as the feed says"),
    "receipt_reprints": ("copies", "how often the receipt was printed again"),
    "operator_id": ("", "who was signed on, as the feed calls them"),
    "approver_id": ("", "who approved it, as the feed calls them (null: nobody)"),
    "salesperson_id": ("", "who advised the customer"),
    "customer_id": ("", "the customer's number"),
    "loyalty_id": ("", "the loyalty id that was shown"),
    "tax_exempt_id": ("", "the number under which no tax was due"),
    "order_id": ("", "the order that was paid or brought back"),
    "currency": ("", "ISO 4217, like GBP"),
    "gross_minor": (MONEY, "before price changes; negative goes out"),
    "discount_minor": (MONEY, "price changes, as the till summed them"),
    "tax_minor": (MONEY, "tax, as the till summed it"),
    "net_minor": (MONEY, "what was due after price changes; negative goes out"),
    "tax_included": ("", "net includes tax"),
    "original_store_id": ("", "the store of the receipt that is returned or taken back"),
    "original_register_id": ("", "its till"),
    "original_business_date": ("", "its trading day"),
    "original_sequence": ("", "its number"),
    "original_transaction_id": ("", "its id"),
    "findings": ("", "sums of the contract that do not hold, as bits"),
    "content": ("", "a hash of what the feed said"),
    "tx_key": ("", "this receipt, as a number"),
    "original_key": ("", "the receipt that is returned or taken back; 0 where none is named"),
    "store_key": ("", "the store, as a number"),
    "register_key": ("", "the till, as a number; 0 where none is named"),
    "operator_key": ("", "the person at the till, over all their ids; 0 is nobody"),
    "approver_key": ("", "the person who approved, over all their ids; 0 is nobody"),
    "customer_key": ("", "the customer; 0 where none is named"),
    "loyalty_key": ("", "the loyalty id; 0 where none was shown"),
    "card_key": ("", "the bank card that paid most; 0 where none did"),
}

RECORDED: tuple[Column, ...] = tuple(
    Column(name, dtype, *_SAYS[name]) for name, dtype in TRANSACTION_COLUMNS.items()
)
"""The columns of `records.batch.TRANSACTION_COLUMNS`, in their order, each with a sentence."""
