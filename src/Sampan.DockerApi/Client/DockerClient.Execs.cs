using Sampan.DockerApi.Execs;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Prepares a process in a running container and returns its id.</summary>
    public async Task<string> CreateExecAsync(string container, ExecCreateRequest request, CancellationToken cancellationToken = default)
    {
        var response = await SendAsync("POST", Container(container, "exec"), RequestJson.Write(request), cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, ResponseJson.ReadId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a prepared process with nobody attached.</summary>
    public async Task StartExecDetachedAsync(string id, bool tty = false, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("POST", Exec(id, "start"), RequestJson.Write(new ExecStartRequest { Detach = true, Tty = tty }), cancellationToken).ConfigureAwait(false);
        await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a prepared process and connects to its streams; the size is that of its terminal, rows first.</summary>
    public Task<HijackedStream> StartExecAsync(string id, bool tty = false, IReadOnlyList<int>? consoleSize = null, CancellationToken cancellationToken = default)
    {
        var body = new ExecStartRequest { Tty = tty, ConsoleSize = consoleSize };
        return HijackAsync(
            new HttpRequest { Method = "POST", Target = Exec(id, "start").ToString(), Content = RequestJson.Write(body) }, cancellationToken);
    }

    /// <summary>Tells the process's terminal its size in characters.</summary>
    public Task ResizeExecAsync(string id, int rows, int columns, CancellationToken cancellationToken = default) =>
        DoAsync("POST", Exec(id, "resize").Add("h", rows).Add("w", columns), cancellationToken);

    /// <summary>How an exec ended; null: it runs.</summary>
    public async Task<int?> ReadExecExitCodeAsync(string id, CancellationToken cancellationToken = default) =>
        await ReadAsync(await SendAsync("GET", Exec(id, "json"), cancellationToken).ConfigureAwait(false), ResponseJson.ReadExitCode, cancellationToken).ConfigureAwait(false);

    private static QueryString Exec(string id, string verb) => new($"/exec/{Segment(id)}/{verb}");
}
