using Microsoft.Extensions.Logging;
using Sampan.BuildKit.Grpc;

namespace Sampan.Server.Grpc;

internal sealed partial class GrpcApplication
{
    /// <summary>Event ids 5060 to 5062.</summary>
    private static partial class Log
    {
        [LoggerMessage(5060, LogLevel.Debug, "gRPC {Path}: {Code}")]
        internal static partial void Answered(ILogger logger, string path, GrpcCode code);

        [LoggerMessage(5061, LogLevel.Debug, "gRPC {Path}: the client has gone")]
        internal static partial void ClientGone(ILogger logger, string path);

        [LoggerMessage(5062, LogLevel.Error, "gRPC {Path}: {Message}")]
        internal static partial void Unexpected(ILogger logger, Exception failure, string path, string message);
    }
}
