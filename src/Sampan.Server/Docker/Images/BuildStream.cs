using Sampan.Build;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;
using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>
/// Sends what a build tells as Docker's JSON messages. What fails before the first has a status of its own, what fails later is the last message.
/// </summary>
internal sealed class BuildStream : IProgress<BuildMessage>, IAsyncDisposable
{
    private const int MaxKept = 1 << 20;

    private readonly Exchange _exchange;
    private readonly bool _isQuiet;
    private readonly MessageQueue _messages = new();
    private readonly Task _writing;

    // Guarded by itself while the build runs.
    private readonly Queue<string> _kept = [];
    private int _keptLength;
    private bool _begun;

    /// <param name="exchange">The request.</param>
    /// <param name="isQuiet">Only the image's id is told.</param>
    internal BuildStream(Exchange exchange, bool isQuiet)
    {
        _exchange = exchange;
        _isQuiet = isQuiet;
        _writing = WriteAsync();
    }

    /// <inheritdoc/>
    public void Report(BuildMessage value)
    {
        if (_isQuiet && value is not BuildMessage.Built)
            Keep(value);
        else
            _messages.Report(value);
    }

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
            if (!_begun && _kept.Count == 0)
                throw new EngineException(failure.Kind, failure.Excerpt is { } lines ? $"{failure.Message}\n{lines}" : failure.Message, failure);
            if (!_begun)
                await _exchange.StartStreamAsync("application/json").ConfigureAwait(false);
            while (_kept.TryDequeue(out var said))
                await SendAsync(new ProgressMessage { Stream = said }).ConfigureAwait(false);
            if (failure.Excerpt is { } excerpt)
                await SendAsync(new ProgressMessage { Stream = excerpt }).ConfigureAwait(false);
            var detail = new ErrorDetail { Code = failure.ExitCode, Message = failure.Message };
            await SendAsync(new ProgressMessage { ErrorDetail = detail, Error = failure.Message, Aux = failure.Failed is { } state ? new AuxMessage { FailedState = PastBuildMapper.ToMessage(state) } : null }).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _messages.Complete();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // As Docker: who asked for the image's id only gets all that was said if there is none.
    private void Keep(BuildMessage value)
    {
        var said = value switch
        {
            BuildMessage.Text text => text.Content,
            BuildMessage.StepText text => text.Content,
            _ => null,
        };
        if (said is null)
            return;
        lock (_kept)
        {
            _kept.Enqueue(said);
            _keptLength += said.Length;
            while (_keptLength > MaxKept && _kept.TryDequeue(out var oldest))
                _keptLength -= oldest.Length;
        }
    }

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
            {
                while (_messages.TryTake(out var message))
                    await WriteAsync(message).ConfigureAwait(false);
            }
        }
        finally
        {
            _messages.Abandon();
        }
    }

    private async Task WriteAsync(BuildMessage message)
    {
        if (!_begun)
        {
            _begun = true;
            await _exchange.StartStreamAsync("application/json").ConfigureAwait(false);
        }
        switch (message)
        {
            case BuildMessage.Text text:
                await SendAsync(new ProgressMessage { Stream = text.Content }).ConfigureAwait(false);
                break;
            case BuildMessage.Transfer transfer:
                await SendAsync(TransferOutput.ToMessage(transfer.Step)).ConfigureAwait(false);
                break;
            case BuildMessage.StepChange step:
                await SendAsync(new ProgressMessage { BuildStep = PastBuildMapper.ToStep(step.Record) }).ConfigureAwait(false);
                break;
            case BuildMessage.StepText said:
                await SendAsync(new ProgressMessage { Stream = said.Content, BuildStepNumber = said.Number }).ConfigureAwait(false);
                break;
            case BuildMessage.Begun begun:
                await SendAsync(new ProgressMessage { Aux = new AuxMessage { BuildID = begun.BuildId } }).ConfigureAwait(false);
                break;
            case BuildMessage.Built built:
                await SendAsync(new ProgressMessage { Aux = new AuxMessage { ID = built.ImageId } }).ConfigureAwait(false);
                if (_isQuiet)
                    await SendAsync(new ProgressMessage { Stream = built.ImageId + "\n" }).ConfigureAwait(false);
                break;
        }
    }

    private Task SendAsync(ProgressMessage message) => _exchange.WriteLineAsync(message, DockerApiJson.Wire.ProgressMessage);
}
