using Microsoft.Extensions.Logging;

namespace Sampan.Server.Registry;

/// <summary>What the registry logs. Event ids 5100 to 5199.</summary>
internal sealed partial class RegistryLog(ILogger log)
{
    internal bool IsDetailed => log.IsEnabled(LogLevel.Debug);

    // What clients send stands in lines of its own only as far as a line can hold it.
    internal void Answered(string method, string? path, int status, string? user, double milliseconds) => Answered(log, method, path, status, user ?? "-", milliseconds);

    internal void Pushed(string repository, string reference, string digest, string? user) => Pushed(log, repository, reference, digest, user ?? "-");

    internal void Deleted(string repository, string reference, string? user) => Deleted(log, repository, reference, user ?? "-");

    internal void Failed(Exception failure, string method, string? path) => Failed(log, failure, method, path, failure.Message);

    internal void BrokenOff(string method, string? path, string reason) => BrokenOff(log, method, path, reason);

    internal void ClientGone(string method, string? path) => ClientGone(log, method, path);

    internal void Refused(string? user) => Refused(log, user ?? "-");

    internal void NoHandshake(string reason) => NoHandshake(log, reason);

    internal void NotReread(string file, string reason) => NotReread(log, file, reason);

    internal void Reread(string file) => Reread(log, file);

    internal void Expired(long bytes) => Expired(log, bytes);

    internal void Collected(int manifests, int links, int blobs, long bytes) => Collected(log, manifests, links, blobs, bytes);

    internal void NotCollected(Exception failure) => NotCollected(log, failure, failure.Message);

    [LoggerMessage(5100, LogLevel.Debug, "{Method} {Path} answered {Status} to {User} in {Milliseconds} ms", SkipEnabledCheck = true)]
    private static partial void Answered(ILogger log, string method, string? path, int status, string user, double milliseconds);

    [LoggerMessage(5101, LogLevel.Information, "pushed {Repository}:{Reference} ({Digest}) by {User}")]
    private static partial void Pushed(ILogger log, string repository, string reference, string digest, string user);

    [LoggerMessage(5102, LogLevel.Information, "deleted {Repository}:{Reference} by {User}")]
    private static partial void Deleted(ILogger log, string repository, string reference, string user);

    [LoggerMessage(5103, LogLevel.Error, "{Method} {Path} failed: {Reason}")]
    private static partial void Failed(ILogger log, Exception failure, string method, string? path, string reason);

    [LoggerMessage(5104, LogLevel.Warning, "{Method} {Path} broke off after it had begun: {Reason}")]
    private static partial void BrokenOff(ILogger log, string method, string? path, string reason);

    [LoggerMessage(5105, LogLevel.Debug, "{Method} {Path}: the client went away")]
    private static partial void ClientGone(ILogger log, string method, string? path);

    [LoggerMessage(5106, LogLevel.Warning, "wrong password or unknown user: {User}")]
    private static partial void Refused(ILogger log, string user);

    [LoggerMessage(5107, LogLevel.Debug, "no TLS connection: {Reason}")]
    private static partial void NoHandshake(ILogger log, string reason);

    [LoggerMessage(5108, LogLevel.Error, "cannot read '{File}' again, everything stays as it was: {Reason}")]
    private static partial void NotReread(ILogger log, string file, string reason);

    [LoggerMessage(5109, LogLevel.Information, "read '{File}' again")]
    private static partial void Reread(ILogger log, string file);

    [LoggerMessage(5110, LogLevel.Information, "gave up abandoned uploads of {Bytes} bytes")]
    private static partial void Expired(ILogger log, long bytes);

    [LoggerMessage(5111, LogLevel.Information, "collected garbage: {Manifests} manifests, {Links} blobs of repositories, {Blobs} blobs of {Bytes} bytes")]
    private static partial void Collected(ILogger log, int manifests, int links, int blobs, long bytes);

    [LoggerMessage(5112, LogLevel.Error, "cannot collect garbage: {Reason}")]
    private static partial void NotCollected(ILogger log, Exception failure, string reason);
}
