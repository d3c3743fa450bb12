using Microsoft.AspNetCore.Http;
using Sampan.Engine;

namespace Sampan.Server.Http;

/// <summary>The one place where a failure becomes an HTTP status.</summary>
internal static class ErrorMapping
{
    /// <summary>The status of a failure that the engine knows.</summary>
    internal static int ToStatus(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidArgument => StatusCodes.Status400BadRequest,
        ErrorKind.NotFound => StatusCodes.Status404NotFound,
        ErrorKind.Conflict => StatusCodes.Status409Conflict,
        ErrorKind.AlreadyExists => StatusCodes.Status409Conflict,
        ErrorKind.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        ErrorKind.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        ErrorKind.NotSupported => StatusCodes.Status501NotImplemented,
        ErrorKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        ErrorKind.Cancelled => StatusCodes.Status499ClientClosedRequest,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The status of any failure; <c>Known</c> is false for those that somebody must look at.</summary>
    internal static (int Status, string Message, bool Known) Describe(Exception failure) => failure switch
    {
        EngineException e => (ToStatus(e.Kind), e.Message, e.Kind != ErrorKind.Internal),
        BadHttpRequestException e => (e.StatusCode, e.Message, true),
        _ => (StatusCodes.Status500InternalServerError, failure.Message, false),
    };
}
