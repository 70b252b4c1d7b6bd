"""How a source is reached: the part of company.yml that names servers and the environment variables of credentials.

What is read from there is in `company`; the reading itself is in `connectors`.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from cx_assets.contracts.strict_yaml import Strict
from orchestration.declaration.field_types import BaseUrl, BucketUrl, EnvironmentName, FieldName
from orchestration.declaration.http_connections import HttpConnection


class FilesConnection(Strict):
    """Files below the source folder."""

    kind: Literal["files"] = "files"


class DatabaseConnection(Strict):
    """A database; the whole URL, with user and password, stands in an environment variable."""

    kind: Literal["postgres", "mysql"]
    url_env: EnvironmentName
    timeout_seconds: int = Field(default=600, ge=1, le=86_400)


class AccessKeyAuth(Strict):
    """Access key and secret key of S3, with the session token that belongs to keys of short life."""

    kind: Literal["access_key"]
    access_key_env: EnvironmentName
    secret_key_env: EnvironmentName
    session_token_env: EnvironmentName | None = None


class ServiceAccountAuth(Strict):
    """A service account of Google; the variable holds its whole key file (JSON)."""

    kind: Literal["service_account"]
    key_env: EnvironmentName


class AccountKeyAuth(Strict):
    """A key of a storage account of Azure."""

    kind: Literal["account_key"]
    key_env: EnvironmentName


class SasAuth(Strict):
    """A shared access signature of Azure that may list and read."""

    kind: Literal["sas"]
    token_env: EnvironmentName


StorageAuth = Annotated[AccessKeyAuth | ServiceAccountAuth | AccountKeyAuth | SasAuth, Field(discriminator="kind")]
AUTH_OF = {"s3": ("access_key",), "gs": ("service_account",), "abfs": ("account_key", "sas")}
"""Kinds of credentials that a store takes, by the scheme of its URLs."""


class ObjectStorageConnection(Strict):
    """Files in a bucket: of Amazon S3 or a store that speaks its protocol, of Google, or of Azure.

    Attributes:
        url, url_env: Bucket and folder below which the tables' paths lie: `s3://bucket/folder`, `gs://bucket/folder`,
            or `abfs://container/folder`.
        account: Azure's storage account.
        region: Where Amazon has the bucket; other stores want the name that they are set up with.
        endpoint, endpoint_env: Address of another store than Amazon's, Google's or Azure's own.
        auth: None sends no credentials, which public buckets take.
        timeout_seconds: Of one request, which reads 16 MiB at most.
        max_attempts: Tries of one request.
        first_wait_seconds, longest_wait_seconds: Pauses between them grow from one to the other.
    """

    kind: Literal["object_storage"]
    url: BucketUrl | None = None
    url_env: EnvironmentName | None = None
    account: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{3,24}$")] | None = None
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] = "us-east-1"
    endpoint: BaseUrl | None = None
    endpoint_env: EnvironmentName | None = None
    auth: StorageAuth | None = None
    timeout_seconds: float = Field(default=60, gt=0, le=3600, strict=False)
    max_attempts: int = Field(default=8, ge=1, le=50)
    first_wait_seconds: float = Field(default=1, ge=0, le=60, strict=False)
    longest_wait_seconds: float = Field(default=30, ge=0, le=3600, strict=False)

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.url is None) == (self.url_env is None):
            raise ValueError("give either url or url_env")
        if self.endpoint is not None and self.endpoint_env is not None:
            raise ValueError("give either endpoint or endpoint_env, or none for the provider's own")
        if self.url is not None and (problem := self.problem(self.url)):
            raise ValueError(problem)
        return self

    def problem(self, url: str) -> str | None:
        """Why a bucket of this URL cannot be reached with what is declared; None when it can."""
        scheme = url.partition(":")[0]
        if self.auth is not None and self.auth.kind not in AUTH_OF[scheme]:
            return f"{scheme}:// takes auth of kind {' or '.join(AUTH_OF[scheme])}"
        if self.auth is None and scheme == "gs":
            return "gs:// needs auth: {kind: service_account, key_env: ...}"
        if (self.account is None) == (scheme == "abfs"):
            return "abfs:// needs account, the storage account" if scheme == "abfs" else "account is for abfs:// alone"
        return None


Connection = Annotated[
    FilesConnection | ObjectStorageConnection | DatabaseConnection | HttpConnection, Field(discriminator="kind")
]


class Cursor(Strict):
    """Column that grows with every change; rows from its highest value less the overlap are pulled again.

    Attributes:
        column: A timestamp, date or whole number among the table's columns.
        overlap_days: For rows that become visible late (timestamps and dates).
        overlap: The same for whole numbers: a number drawn earlier may be committed later.
        parameter: Query parameter that takes the lower bound (HTTP).
    """

    column: str
    overlap_days: float = Field(default=2, ge=0, le=3660, strict=False)
    overlap: int = Field(default=10_000, ge=0)
    parameter: FieldName | None = None


class DeleteFlag(Strict):
    """The source keeps deleted rows and marks them: a filled timestamp or date, a true boolean, or a status.

    Attributes:
        values: What a text column holds of a deleted row (`deleted`, `spam`), whatever its case; for text alone.
    """

    kind: Literal["flag"]
    column: str
    values: tuple[Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)], ...] = Field(
        default=(), strict=False
    )


class CompareKeys(Strict):
    """The source forgets deleted rows: all its keys are pulled and compared with those that landed.

    Attributes:
        max_share: Share of the known keys that may be gone at once; more looks like an emptied table: the load stops.
    """

    kind: Literal["compare_keys"]
    max_share: float = Field(default=0.2, ge=0, le=1, strict=False)


Deletes = Annotated[DeleteFlag | CompareKeys, Field(discriminator="kind")]
