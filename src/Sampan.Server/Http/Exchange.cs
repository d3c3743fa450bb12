using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.Engine;
using Sampan.Server.Docker;

namespace Sampan.Server.Http;

/// <summary>One request and its answer, as the handlers see them.</summary>
internal sealed partial class Exchange(HttpContext http, ApiVersion version, RouteValues route)
{
    /// <summary>The largest JSON body that is read, in bytes: a container with a seccomp profile is 30 KB.</summary>
    internal const int JsonMaxBytes = 4 << 20;

    private ReadOnlyMemory<byte>? _body;

    /// <summary>What Kestrel knows.</summary>
    internal HttpContext Http { get; } = http;

    /// <summary>The version of the API that the client speaks.</summary>
    internal ApiVersion Version { get; } = version;

    /// <summary>What the client is to be warned of, since its version of the API says something that newer ones do not.</summary>
    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Cancelled when the client goes away (until the connection is hijacked).</summary>
    internal CancellationToken Aborted => Http.RequestAborted;

    /// <summary>What the path had for a parameter of the template.</summary>
    internal string Route(string name) => route[name];

    /// <summary>Reads the JSON body, lifted to the newest version's shape.</summary>
    /// <param name="type">How it is read.</param>
    /// <param name="shape">Which rewrites apply for older clients.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: none, too large, not JSON, or of the wrong shape.</exception>
    internal async Task<T> ReadJsonAsync<T>(JsonTypeInfo<T> type, Shape shape = Shape.Any)
        where T : class
        => await ReadOptionalJsonAsync(type, shape).ConfigureAwait(false)
            ?? throw new EngineException(ErrorKind.InvalidArgument, "invalid JSON: got EOF while reading request body");

    /// <summary>As <see cref="ReadJsonAsync"/>, but null when there is no body.</summary>
    internal async Task<T?> ReadOptionalJsonAsync<T>(JsonTypeInfo<T> type, Shape shape = Shape.Any)
        where T : class
    {
        var body = await ReadBodyAsync().ConfigureAwait(false);
        if (body.Length == 0)
            return null;
        RequireJsonContent();

        try
        {
            if (!ApiVersionShims.Lifts(shape, Version))
                return JsonSerializer.Deserialize(body.Span, type);
            var node = JsonNode.Parse(body.Span);
            if (node is JsonObject document)
            {
                Warnings = [.. ApiVersionShims.Warnings(shape, Version, document)];
                ApiVersionShims.Lift(shape, Version, document);
            }

            return node.Deserialize(type);
        }
        catch (JsonException wrong)
        {
            throw new EngineException(ErrorKind.InvalidArgument, Describe(wrong), wrong);
        }
    }

    /// <summary>What is wrong with a request's JSON, and where.</summary>
    internal static string Describe(JsonException wrong)
    {
        var path = wrong.Path is null or "$" ? "" : $" at '{wrong.Path.Replace("$.", "", StringComparison.Ordinal)}'";
        var place = wrong.LineNumber is { } line ? $" (line {line + 1}, byte {wrong.BytePositionInLine + 1})" : "";
        return $"invalid JSON in the request body{path}: {Reason(wrong)}{place}";
    }

    /// <summary>Answers with JSON, lowered to the shape that the client's version has.</summary>
    internal Task WriteJsonAsync<T>(int status, T value, JsonTypeInfo<T> type, Shape shape = Shape.Any)
        where T : notnull
        => WriteBytesAsync(status, "application/json", ToJson(value, type, shape));

    /// <summary>Answers with a list of containers, lowered likewise.</summary>
    internal Task WriteContainersAsync(IReadOnlyList<ContainerSummary> containers) =>
        WriteBytesAsync(StatusCodes.Status200OK, "application/json", ApiVersionShims.TryLowerValue(Shape.ContainerList, Version, ref containers)
            ? AnswerJson.Write(containers)
            : ToJson(containers, DockerApiJson.Wire.ContainerSummaryList, Shape.ContainerList));

    /// <summary>Answers with bytes of a known length and a line end, as Docker does.</summary>
    internal async Task WriteBytesAsync(int status, string mediaType, ReadOnlyMemory<byte> bytes)
    {
        await AuthorizeAnswerAsync(status, bytes).ConfigureAwait(false);
        Http.Response.StatusCode = status;
        Http.Response.ContentType = mediaType;
        Http.Response.ContentLength = bytes.Length + 1;
        // Kestrel would send what is written here although the answer to HEAD has no body.
        if (HttpMethods.IsHead(Http.Request.Method))
            return;
        var output = Http.Response.BodyWriter;
        output.Put(bytes.Span);
        output.Put("\n"u8);
        await output.FlushAsync(Aborted).ConfigureAwait(false);
    }

    /// <summary>Answers with a status and nothing else.</summary>
    internal async Task NoBody(int status)
    {
        await AuthorizeAnswerAsync(status, default).ConfigureAwait(false);
        Http.Response.StatusCode = status;
    }

    /// <summary>Sends the head of an answer whose body follows as it comes into being.</summary>
    internal async Task<Stream> StartStreamAsync(string mediaType)
    {
        await AuthorizeAnswerAsync(StatusCodes.Status200OK, default).ConfigureAwait(false);
        Http.Response.StatusCode = StatusCodes.Status200OK;
        Http.Response.ContentType = mediaType;
        Http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await Http.Response.StartAsync(Aborted).ConfigureAwait(false);
        // StartAsync alone leaves the head in Kestrel's buffer until the first byte of the body.
        await Http.Response.BodyWriter.FlushAsync(Aborted).ConfigureAwait(false);
        return Http.Response.Body;
    }

    /// <summary>Sends one JSON document of a stream, and a line end.</summary>
    /// <param name="value">What.</param>
    /// <param name="type">How it is written.</param>
    /// <param name="shape">Which rewrites apply for older clients.</param>
    /// <param name="record">RFC 7464: a record separator stands before it.</param>
    internal async Task WriteLineAsync<T>(T value, JsonTypeInfo<T> type, Shape shape = Shape.Any, bool record = false)
        where T : notnull
    {
        var output = Http.Response.BodyWriter;
        if (record)
            output.Put("\x1e"u8);
        output.Put(ToJson(value, type, shape));
        output.Put("\n"u8);
        await output.FlushAsync(Aborted).ConfigureAwait(false);
    }

    /// <summary>The body as it arrives, for an endpoint that takes an archive: authorization plugins must not have been shown it.</summary>
    internal Stream Archive => _body is null ? Http.Request.Body
        : throw new InvalidOperationException($"the body of '{Http.Request.Path}' was read: the endpoint is missing among those that take archives");

    /// <summary>Reads the whole body, at most <see cref="JsonMaxBytes"/>.</summary>
    internal async Task<ReadOnlyMemory<byte>> ReadBodyAsync()
    {
        // Read once: what a plugin was shown is what the handler gets.
        if (_body is { } known)
            return known;
        if (Http.Request.ContentLength > JsonMaxBytes)
            throw TooLarge();
        var reader = Http.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(Aborted).ConfigureAwait(false);
            if (result.Buffer.Length > JsonMaxBytes)
                throw TooLarge();
            if (result.IsCompleted)
            {
                var bytes = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                _body = bytes;
                return bytes;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        static EngineException TooLarge() =>
            new(ErrorKind.InvalidArgument, $"the request body is larger than {JsonMaxBytes} bytes");
    }

    private byte[] ToJson<T>(T value, JsonTypeInfo<T> type, Shape shape)
        where T : notnull
    {
        if (ApiVersionShims.TryLowerValue(shape, Version, ref value))
            return JsonSerializer.SerializeToUtf8Bytes(value, type);
        var node = JsonSerializer.SerializeToNode(value, type) ?? throw new ArgumentException("an answer is never null", nameof(value));
        ApiVersionShims.Lower(shape, Version, node);
        return JsonSerializer.SerializeToUtf8Bytes(node, DockerApiNodes.Wire);
    }

    private void RequireJsonContent()
    {
        var type = Http.Request.ContentType;
        if (string.IsNullOrEmpty(type))
        {
            if (Http.Request.ContentLength is null or 0 && Http.Request.Headers.TransferEncoding.Count == 0)
                return;
            throw new EngineException(ErrorKind.InvalidArgument, "malformed Content-Type header (): a request with a body must say 'application/json'");
        }

        var media = type.AsSpan();
        var end = media.IndexOf(';');
        if (end >= 0)
            media = media[..end];
        if (!media.Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw new EngineException(ErrorKind.InvalidArgument, $"unsupported Content-Type header ({type}): must be 'application/json'");
    }

    // System.Text.Json repeats the path and place at the end of its message, and names the type of its own that did not fit.
    private static string Reason(JsonException wrong)
    {
        var text = wrong.Message;
        if (text.StartsWith("The JSON value could not be converted to ", StringComparison.Ordinal))
            return "a value of another kind is expected there";
        foreach (var tail in new[] { " Path: ", " LineNumber: " })
        {
            var end = text.IndexOf(tail, StringComparison.Ordinal);
            text = end < 0 ? text : text[..end];
        }

        return text.TrimEnd('.');
    }
}
