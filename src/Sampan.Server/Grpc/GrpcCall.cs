using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Sampan.BuildKit.Grpc;

namespace Sampan.Server.Grpc;

/// <summary>One call, as its method sees it (<see href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md"/>). Written to by one at a time.</summary>
internal sealed class GrpcCall(HttpContext http, ConnectionEnds ends, CancellationToken cancelled)
{
    /// <summary>The largest message that is taken, in bytes.</summary>
    internal const int MaxMessage = 16 << 20;

    /// <summary>The media type of questions and answers.</summary>
    internal const string MediaType = "application/grpc";

    /// <summary>The caller has gone, or their time is over.</summary>
    internal CancellationToken Cancelled { get; } = cancelled;

    /// <summary>What is done when the caller's connection is over.</summary>
    internal ConnectionEnds Ends => ends;

    /// <summary>What the caller says beside the question; null: nothing by that name.</summary>
    internal string? Header(string name) => http.Request.Headers[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>All values of what the caller says beside the question, by its name in any case.</summary>
    internal IEnumerable<string?> Headers(string name) => http.Request.Headers[name];

    /// <summary>The one question of a call that has one.</summary>
    internal async Task<T> ReadOneAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
        => await ReadAsync(parser).ConfigureAwait(false) ?? throw new GrpcException(GrpcCode.InvalidArgument, "the call has no message");

    /// <summary>The next message; null: there are no more.</summary>
    internal ValueTask<T?> ReadAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
        => GrpcFrame.ReadAsync(http.Request.BodyReader, parser, MaxMessage, Cancelled);

    /// <summary>Sends a message; waits while the caller does not read.</summary>
    internal async Task WriteAsync(IMessage message) => await http.Response.BodyWriter.WriteAsync(GrpcFrame.ToBytes(message), Cancelled).ConfigureAwait(false);
}
