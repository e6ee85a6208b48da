"""The API described for machines (OpenAPI 3.1): a module for each subject, and the document made of all of them."""

from parley.api.openapi.document import document

__all__ = ["document"]
