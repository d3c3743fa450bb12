using Microsoft.AspNetCore.Http;
using Sampan.Storage;
using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>The one place where a failure becomes the registry's status and code.</summary>
internal static class RegistryRefusals
{
    /// <summary>Status, code and message of a failure; <c>Known</c> is false for those that somebody must look at.</summary>
    internal static (int Status, string Code, string Message, bool Known) Describe(Exception failure) => failure switch
    {
        RegistryRefusalException refusal => (StatusOf(refusal.Code), WordOf(refusal.Code), refusal.Message, true),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } wrong => (wrong.StatusCode, "SIZE_INVALID", wrong.Message, true),
        BadHttpRequestException wrong => (wrong.StatusCode, "UNSUPPORTED", wrong.Message, true),
        StorageException { Kind: StorageError.Refused } full => (StatusCodes.Status507InsufficientStorage, "UNAVAILABLE", full.Message, false),
        // What else went wrong is for the log, not for the network.
        _ => (StatusCodes.Status500InternalServerError, "UNKNOWN", "the registry failed: its log says why", false),
    };

    private static int StatusOf(RefusalCode code) => code switch
    {
        RefusalCode.BlobUnknown or RefusalCode.BlobUploadUnknown or RefusalCode.ManifestUnknown or RefusalCode.NameUnknown or RefusalCode.ManifestBlobUnknown => StatusCodes.Status404NotFound,
        RefusalCode.ManifestTooLarge => StatusCodes.Status413PayloadTooLarge,
        RefusalCode.RangeInvalid => StatusCodes.Status416RangeNotSatisfiable,
        RefusalCode.Denied => StatusCodes.Status403Forbidden,
        RefusalCode.Unsupported => StatusCodes.Status405MethodNotAllowed,
        RefusalCode.TooManyRequests => StatusCodes.Status429TooManyRequests,
        RefusalCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };

    private static string WordOf(RefusalCode code) => code switch
    {
        RefusalCode.BlobUnknown => "BLOB_UNKNOWN",
        RefusalCode.BlobUploadInvalid or RefusalCode.RangeInvalid => "BLOB_UPLOAD_INVALID",
        RefusalCode.BlobUploadUnknown => "BLOB_UPLOAD_UNKNOWN",
        RefusalCode.DigestInvalid => "DIGEST_INVALID",
        RefusalCode.ManifestBlobUnknown => "MANIFEST_BLOB_UNKNOWN",
        RefusalCode.ManifestInvalid or RefusalCode.ManifestTooLarge => "MANIFEST_INVALID",
        RefusalCode.ManifestUnknown => "MANIFEST_UNKNOWN",
        RefusalCode.NameInvalid => "NAME_INVALID",
        RefusalCode.NameUnknown => "NAME_UNKNOWN",
        RefusalCode.SizeInvalid => "SIZE_INVALID",
        RefusalCode.Denied => "DENIED",
        RefusalCode.Unsupported or RefusalCode.ParameterInvalid => "UNSUPPORTED",
        RefusalCode.TooManyRequests => "TOOMANYREQUESTS",
        _ => "UNAVAILABLE",
    };
}
