namespace Sampan.Build.Agents;

/// <summary>One connection to a client that has an SSH agent. It waits until somebody in the build wants to talk to that agent, and ends with the talk.</summary>
/// <remarks>An agent only answers. So what a client sends while its line waits can only be its end.</remarks>
internal sealed class AgentLine(Stream input, Stream output) : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _talked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Task<int> _read = Task.FromResult(0);
    private int _isClaimed;

    /// <summary>Waits until it was used, the client is gone or nobody will use it.</summary>
    internal async Task ServeAsync(CancellationToken ct)
    {
        using var stop = ct.Register(_over.Cancel);
        if (await Task.WhenAny(_read, _taken.Task) == _taken.Task || !TryClaim())
            await _talked.Task;
        await _over.CancelAsync();
        await ((Task)_read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Begins to listen for the client's end.</summary>
    internal void Open() => _read = input.ReadAsync(_buffer, _over.Token).AsTask();

    /// <summary>Nobody will use it.</summary>
    internal void Abandon() => _over.Cancel();

    /// <summary>Whoever gets true has it: a talk, or its end.</summary>
    internal bool TryClaim() => Interlocked.Exchange(ref _isClaimed, 1) == 0;

    /// <summary>Carries bytes between the build and the client until either ends. Only after <see cref="TryClaim"/>.</summary>
    internal async Task TalkAsync(Stream connection, CancellationToken ct)
    {
        _taken.TrySetResult();
        try
        {
            using var stop = ct.Register(_over.Cancel);
            await await Task.WhenAny(AskAsync(connection), AnswerAsync(connection));
        }
        finally
        {
            await _over.CancelAsync();
            _talked.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();

    private async Task AskAsync(Stream connection)
    {
        var buffer = new byte[16 * 1024];
        for (int read; (read = await connection.ReadAsync(buffer, _over.Token)) > 0;)
        {
            await output.WriteAsync(buffer.AsMemory(0, read), _over.Token);
            await output.FlushAsync(_over.Token);
        }
    }

    private async Task AnswerAsync(Stream connection)
    {
        for (int read; (read = await _read) > 0; _read = input.ReadAsync(_buffer, _over.Token).AsTask())
            await connection.WriteAsync(_buffer.AsMemory(0, read), _over.Token);
    }
}
