using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Sampan.Build;
using Sampan.BuildKit.Grpc;
using Sampan.Engine;
using Sampan.Storage;

namespace Sampan.Server.Http;

/// <summary>The one place where a failure becomes an HTTP status, or gRPC's code.</summary>
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
        _ when DescriptorShortage.IsCauseOf(failure) => (StatusCodes.Status503ServiceUnavailable, $"{failure.Message}: {DescriptorShortage.Advice}", true),
        _ when ThreadShortage.IsCauseOf(failure) => (StatusCodes.Status503ServiceUnavailable, ThreadShortage.Describe(failure), true),
        _ when DiskRefusal.IsOfBrokenDisk(failure) => (StatusCodes.Status500InternalServerError, $"{failure.Message}: {DiskRefusal.BrokenAdvice}", false),
        EngineException e => (ToStatus(e.Kind), e.Message, e.Kind != ErrorKind.Internal),
        BadHttpRequestException e => (e.StatusCode, e.Message, true),
        _ => (StatusCodes.Status500InternalServerError, failure.Message, false),
    };

    /// <summary>The code of a failure that the engine knows.</summary>
    internal static GrpcCode ToCode(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidArgument => GrpcCode.InvalidArgument,
        ErrorKind.NotFound => GrpcCode.NotFound,
        ErrorKind.Conflict or ErrorKind.PreconditionFailed => GrpcCode.FailedPrecondition,
        ErrorKind.AlreadyExists => GrpcCode.AlreadyExists,
        ErrorKind.Unauthorized => GrpcCode.Unauthenticated,
        ErrorKind.Forbidden => GrpcCode.PermissionDenied,
        ErrorKind.NotSupported => GrpcCode.Unimplemented,
        ErrorKind.Unavailable => GrpcCode.Unavailable,
        ErrorKind.Cancelled => GrpcCode.Cancelled,
        _ => GrpcCode.Internal,
    };

    /// <summary>The status of any failure of a call.</summary>
    internal static (GrpcCode Code, string Message, IReadOnlyList<Any> Details) DescribeCall(Exception failure) => failure switch
    {
        GrpcException e => (e.Code, e.Message, e.Details),
        EngineException e => (ToCode(e.Kind), e.Message, []),
        // A step that failed is nobody's mistake here.
        BuildException e => (e.Kind == ErrorKind.Internal ? GrpcCode.Unknown : ToCode(e.Kind), e.Message, []),
        OperationCanceledException => (GrpcCode.Cancelled, "context canceled", []),
        BadHttpRequestException e => (GrpcCode.InvalidArgument, e.Message, []),
        _ => (GrpcCode.Internal, failure.Message, []),
    };
}
