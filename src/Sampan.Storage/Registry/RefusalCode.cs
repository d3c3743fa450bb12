namespace Sampan.Storage.Registry;

/// <summary>
/// Why a registry refused, in the words of the
/// <see href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes">specification</see>.
/// </summary>
public enum RefusalCode
{
    /// <summary>The repository has no such blob.</summary>
    BlobUnknown,

    /// <summary>A request about an upload makes no sense.</summary>
    BlobUploadInvalid,

    /// <summary>There is no such upload, or it is somebody else's.</summary>
    BlobUploadUnknown,

    /// <summary>The digest is none, or not that of the content.</summary>
    DigestInvalid,

    /// <summary>The manifest refers to something that the repository has not.</summary>
    ManifestBlobUnknown,

    /// <summary>The manifest is none, or says two things at once.</summary>
    ManifestInvalid,

    /// <summary>The manifest is too large.</summary>
    ManifestTooLarge,

    /// <summary>The repository has no such manifest.</summary>
    ManifestUnknown,

    /// <summary>The name of a repository, or a tag, breaks the grammar.</summary>
    NameInvalid,

    /// <summary>There is no such repository.</summary>
    NameUnknown,

    /// <summary>A length is not the one that was told, or too large.</summary>
    SizeInvalid,

    /// <summary>The bytes sent do not follow those that are there.</summary>
    RangeInvalid,

    /// <summary>Another registry, which this one stands for, says no.</summary>
    Denied,

    /// <summary>This registry, or this part of it, does not do that.</summary>
    Unsupported,

    /// <summary>A parameter makes no sense.</summary>
    ParameterInvalid,

    /// <summary>Too many at a time.</summary>
    TooManyRequests,

    /// <summary>What was asked for is at another registry, which cannot be reached.</summary>
    Unavailable,
}
