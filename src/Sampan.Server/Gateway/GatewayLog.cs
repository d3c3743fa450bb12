using Microsoft.Extensions.Logging;

namespace Sampan.Server.Gateway;

/// <summary>What the gateway logs. Event ids 5200 to 5299.</summary>
internal sealed partial class GatewayLog(ILogger log)
{
    internal void EngineAway(string engine, string reason) => EngineAway(log, engine, reason);

    internal void EngineBack(string engine) => EngineBack(log, engine);

    internal void Problem(string problem) => Problem(log, problem);

    internal void Probed(string container, string address, string result) => Probed(log, container, address, result);

    internal void NotReached(string service, string address, string reason) => NotReached(log, service, address, reason);

    internal void Failed(Exception failure) => Failed(log, failure, failure.Message);

    internal void NoHandshake(string reason) => NoHandshake(log, reason);

    internal void Certificates(int count, string directory) => Certificates(log, count, directory);

    internal void BadCertificate(string reason) => BadCertificate(log, reason);

    [LoggerMessage(5200, LogLevel.Warning, "the engine at {Engine} is away, routes stay as they are: {Reason}")]
    private static partial void EngineAway(ILogger log, string engine, string reason);

    [LoggerMessage(5201, LogLevel.Information, "the engine at {Engine} is back")]
    private static partial void EngineBack(ILogger log, string engine);

    [LoggerMessage(5202, LogLevel.Warning, "{Problem}")]
    private static partial void Problem(ILogger log, string problem);

    [LoggerMessage(5203, LogLevel.Information, "container {Container} at {Address} {Result}")]
    private static partial void Probed(ILogger log, string container, string address, string result);

    [LoggerMessage(5204, LogLevel.Warning, "service {Service} at {Address}: {Reason}")]
    private static partial void NotReached(ILogger log, string service, string address, string reason);

    [LoggerMessage(5205, LogLevel.Error, "a request failed: {Reason}")]
    private static partial void Failed(ILogger log, Exception failure, string reason);

    [LoggerMessage(5206, LogLevel.Debug, "no TLS connection: {Reason}")]
    private static partial void NoHandshake(ILogger log, string reason);

    [LoggerMessage(5207, LogLevel.Information, "read {Count} certificates in '{Directory}'")]
    private static partial void Certificates(ILogger log, int count, string directory);

    [LoggerMessage(5208, LogLevel.Error, "{Reason}; the certificates stay as they were")]
    private static partial void BadCertificate(ILogger log, string reason);
}
