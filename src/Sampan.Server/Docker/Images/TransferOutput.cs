using System.Threading.Channels;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;
using Sampan.Engine;
using Sampan.Engine.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>
/// Sends the steps of a pull or push as Docker's JSON messages. The answer begins with the first step: what fails before has a status of
/// its own, what fails later is the last message.
/// </summary>
internal sealed class TransferOutput : IProgress<TransferStep>, IAsyncDisposable
{
    private const int MaxWaiting = 4096;

    private readonly Exchange _exchange;
    private readonly Channel<TransferStep> _steps = Channel.CreateUnbounded<TransferStep>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;
    private int _waiting;
    private bool _begun;

    /// <summary>Begins to wait for steps.</summary>
    internal TransferOutput(Exchange exchange)
    {
        _exchange = exchange;
        _writing = WriteAsync();
    }

    /// <inheritdoc/>
    public void Report(TransferStep value)
    {
        // A client that reads slowly misses steps of bars, never what happened.
        if (value.Current is not null && Volatile.Read(ref _waiting) >= MaxWaiting)
            return;
        Interlocked.Increment(ref _waiting);
        _steps.Writer.TryWrite(value);
    }

    /// <summary>Runs the transfer and sends all it reports.</summary>
    internal async Task RunAsync(Func<IProgress<TransferStep>, Task> work)
    {
        try
        {
            await work(this).ConfigureAwait(false);
        }
        catch (EngineException failure)
        {
            await EndAsync().ConfigureAwait(false);
            if (!_begun)
                throw;
            await SendAsync(new ProgressMessage { ErrorDetail = new ErrorDetail { Message = failure.Message }, Error = failure.Message }).ConfigureAwait(false);
            return;
        }

        await EndAsync().ConfigureAwait(false);
        await BeginAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _steps.Writer.TryComplete();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task EndAsync()
    {
        _steps.Writer.TryComplete();
        return _writing;
    }

    private async Task WriteAsync()
    {
        await foreach (var step in _steps.Reader.ReadAllAsync(_exchange.Aborted).ConfigureAwait(false))
        {
            Interlocked.Decrement(ref _waiting);
            await BeginAsync().ConfigureAwait(false);
            await SendAsync(ToMessage(step)).ConfigureAwait(false);
            if (step is { PushedInsteadOf: { } index, PushedManifest: { } manifest })
            {
                await SendAsync(new ProgressMessage
                {
                    Aux = new AuxMessage { ManifestPushedInsteadOfIndex = true, OriginalIndex = ImageMemberMapper.ToDescriptor(index), SelectedManifest = ImageMemberMapper.ToDescriptor(manifest) },
                }).ConfigureAwait(false);
            }
        }
    }

    private async Task BeginAsync()
    {
        if (_begun)
            return;
        _begun = true;
        await _exchange.StartStreamAsync("application/json").ConfigureAwait(false);
    }

    private Task SendAsync(ProgressMessage message) => _exchange.WriteLineAsync(message, DockerApiJson.Wire.ProgressMessage);

    /// <summary>A step as Docker's message.</summary>
    internal static ProgressMessage ToMessage(TransferStep step) => step.PushedTag is { } tag
        ? new ProgressMessage { ProgressDetail = new ProgressDetail(), Aux = new AuxMessage { Tag = tag, Digest = step.PushedDigest, Size = step.PushedSize } }
        : new ProgressMessage
        {
            Status = step.Status,
            Id = step.Id,
            // Docker sends an empty one with each step of a layer, none with what has no layer.
            ProgressDetail = step.Current is { } current ? new ProgressDetail { Current = current, Total = step.Total } : step.Id is null || step.Status.StartsWith("Pulling from", StringComparison.Ordinal) ? null : new ProgressDetail(),
        };
}
