using System.Collections.Concurrent;

namespace Sampan.EndToEnd.Harness;

/// <summary>Clients that ask without a pause, some on new connections, some on kept ones that are opened again when they end; what goes wrong is counted.</summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);
    private readonly Task _clients;
    private int _requests;

    /// <param name="url">What is asked for.</param>
    /// <param name="host">The Host header; null: the address.</param>
    public Load(string url, string? host = null) => _clients = Task.WhenAll(AskAsync(url, host, keep: false), AskAsync(url, host, keep: false), AskAsync(url, host, keep: true));

    public int Requests => Volatile.Read(ref _requests);

    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>The different answers so far.</summary>
    public IReadOnlyCollection<string> Answers => [.. _answers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Waits until the answers to the last requests are such; one that was on its way when they began to be counted may be among them once.</summary>
    public Task AnswersAreAsync(string what, Func<IReadOnlyCollection<string>, bool> such) => Eventually.HoldsAsync(what, async () =>
    {
        _answers.Clear();
        await MoreAsync(30);
        return such(Answers);
    });

    /// <summary>Waits until so many more requests were answered.</summary>
    public Task MoreAsync(int count)
    {
        var before = Requests;
        return Eventually.HoldsAsync($"{count} more requests are answered", () => Requests >= before + count);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _clients;
        _ending.Dispose();
    }

    private async Task AskAsync(string url, string? host, bool keep)
    {
        await Task.Yield();
        using var client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = keep ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, UseProxy = false }) { Timeout = s_patience };
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, url);
                request.Headers.Host = host;
                using var answer = await client.SendAsync(request, _ending.Token);
                var text = (await answer.Content.ReadAsStringAsync(_ending.Token)).Trim();
                if (answer.IsSuccessStatusCode)
                    _answers.AddOrUpdate(text, 1, (_, n) => n + 1);
                else
                    _failures.Enqueue($"{(int)answer.StatusCode} {text}");
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                _failures.Enqueue(failure.ToString());
            }

            Interlocked.Increment(ref _requests);
        }
    }
}
