using System.Text.Json;
using Google.Protobuf;
using Sampan.Build;
using Sampan.BuildKit.Protos.Control;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;
using Sampan.Engine;
using Sampan.Server.Docker.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Sessions;

/// <summary>
/// Sends what a build tells as BuildKit's messages in Docker's: <c>moby.buildkit.trace</c> with a status, <c>moby.image.id</c> with the image. What fails
/// before the first has a status of its own, what fails later is the last message.
/// </summary>
internal sealed class TraceStream : IProgress<BuildMessage>, IAsyncDisposable
{
    private const int MaxBatch = 256;
    private const int MaxKept = 4 << 20;

    private readonly Exchange _exchange;
    private readonly bool _isQuiet;
    private readonly BuildTrace _trace;
    private readonly MessageQueue _messages = new();
    private readonly Task _writing;

    // Of the one that writes.
    private readonly Queue<StatusResponse> _kept = [];
    private int _keptBytes;
    private bool _begun;

    /// <param name="exchange">The request.</param>
    /// <param name="isQuiet">Only the image's id is told, or all if there is none.</param>
    /// <param name="trace">Puts it in BuildKit's words.</param>
    internal TraceStream(Exchange exchange, bool isQuiet, BuildTrace trace)
    {
        _exchange = exchange;
        _isQuiet = isQuiet;
        _trace = trace;
        _writing = WriteAsync();
    }

    /// <inheritdoc/>
    public void Report(BuildMessage value) => _messages.Report(value);

    /// <summary>Waits while a client that reads slowly has much before it.</summary>
    internal Task RoomAsync(CancellationToken ct) => _messages.RoomAsync(ct);

    /// <summary>Runs the build and sends all it tells.</summary>
    internal async Task RunAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            await EndAsync().ConfigureAwait(false);
        }
        catch (BuildException failure)
        {
            await EndAsync().ConfigureAwait(false);
            var reason = Reason(failure);
            if (!_begun && _kept.Count == 0)
                throw new EngineException(failure.Kind, reason, failure);
            while (_kept.TryDequeue(out var said))
                await SendAsync(said).ConfigureAwait(false);
            var last = new StatusResponse();
            _trace.Fail(last, failure.Message);
            await SendAsync(last).ConfigureAwait(false);
            await _exchange.WriteLineAsync(new ProgressMessage { ErrorDetail = new ErrorDetail { Message = reason }, Error = reason }, DockerApiJson.Wire.ProgressMessage).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _messages.Complete();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static string Reason(BuildException failure) => failure.Excerpt is { } lines ? $"{failure.Message}\n{lines}" : failure.Message;

    private Task EndAsync()
    {
        _messages.Complete();
        return _writing;
    }

    private async Task WriteAsync()
    {
        try
        {
            while (await _messages.WaitAsync(_exchange.Aborted).ConfigureAwait(false))
                await WriteBatchAsync().ConfigureAwait(false);
        }
        finally
        {
            _messages.Abandon();
        }
    }

    private async Task WriteBatchAsync()
    {
        var status = new StatusResponse();
        string? image = null;
        for (var i = 0; i < MaxBatch && image is null && _messages.TryTake(out var message); i++)
        {
            _trace.Add(status, message);
            image = (message as BuildMessage.Built)?.ImageId;
        }
        if (_isQuiet)
            Keep(status);
        else
            await SendAsync(status).ConfigureAwait(false);
        if (image is not null)
            await SendImageAsync(image).ConfigureAwait(false);
    }

    // As Docker: who asked for the image's id only gets all that was said if there is none.
    private void Keep(StatusResponse status)
    {
        _kept.Enqueue(status);
        _keptBytes += status.CalculateSize();
        while (_keptBytes > MaxKept && _kept.TryDequeue(out var oldest))
            _keptBytes -= oldest.CalculateSize();
    }

    private async Task SendImageAsync(string id)
    {
        await SendAsync("moby.image.id", json =>
        {
            json.WriteStartObject();
            json.WriteString("ID", id);
            json.WriteEndObject();
        }).ConfigureAwait(false);
        if (_isQuiet)
            await _exchange.WriteLineAsync(new ProgressMessage { Stream = id + "\n" }, DockerApiJson.Wire.ProgressMessage).ConfigureAwait(false);
    }

    private async Task SendAsync(StatusResponse status)
    {
        if (status.CalculateSize() > 0)
            await SendAsync("moby.buildkit.trace", json => json.WriteBase64StringValue(status.ToByteArray())).ConfigureAwait(false);
    }

    private async Task SendAsync(string kind, Action<Utf8JsonWriter> aux)
    {
        if (!_begun)
        {
            _begun = true;
            await _exchange.StartStreamAsync("application/json").ConfigureAwait(false);
        }
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("id", kind);
            json.WritePropertyName("aux");
            aux(json);
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        await _exchange.Http.Response.BodyWriter.WriteAsync(line.GetBuffer().AsMemory(0, (int)line.Length), _exchange.Aborted).ConfigureAwait(false);
    }
}
