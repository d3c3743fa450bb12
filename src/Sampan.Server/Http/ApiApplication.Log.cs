using Microsoft.Extensions.Logging;

namespace Sampan.Server.Http;

internal sealed partial class ApiApplication
{
    /// <summary>A connection did not come about.</summary>
    internal static void TellNoHandshake(ILogger log, string reason) => Log.NoHandshake(log, reason);

    /// <summary>Event ids 5000 to 5099.</summary>
    private static partial class Log
    {
        [LoggerMessage(5000, LogLevel.Debug, "{Method} {Path} answered {Status} in {Milliseconds} ms", SkipEnabledCheck = true)]
        internal static partial void Answered(ILogger log, string method, string? path, int status, double milliseconds);

        [LoggerMessage(5001, LogLevel.Debug, "{Method} {Path}: the client went away")]
        internal static partial void ClientGone(ILogger log, string method, string? path);

        [LoggerMessage(5002, LogLevel.Error, "{Method} {Path} failed: {Reason}")]
        internal static partial void Unexpected(ILogger log, Exception failure, string method, string? path, string reason);

        [LoggerMessage(5004, LogLevel.Warning, "no TLS connection: {Reason}")]
        internal static partial void NoHandshake(ILogger log, string reason);

        [LoggerMessage(5003, LogLevel.Warning, "{Method} {Path} broke off after it had begun: {Reason}")]
        internal static partial void BrokenOff(ILogger log, string method, string? path, string reason);
    }
}
