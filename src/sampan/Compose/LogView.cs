using System.Text;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.Compose.Running;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Streams;

namespace Sampan.Cli.Compose;

/// <summary>The output of several containers on one screen, each line behind the name of its own.</summary>
internal sealed class LogView
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Invocation _call;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _prefixes = new(StringComparer.Ordinal);

    public LogView(Invocation call, IReadOnlyList<ProjectContainer> containers, bool colours, bool prefixes)
    {
        _call = call;
        call.Io.Flush();
        int width = containers.Count == 0 ? 0 : containers.Max(c => Shown(c).Length);
        var services = containers.Select(c => c.Service).Distinct(StringComparer.Ordinal).ToList();
        foreach (var container in containers)
        {
            string text = Shown(container).PadRight(width) + "  | ";
            _prefixes[container.Id] = _prefixes[container.Name] = prefixes ? Encoding.UTF8.GetBytes(colours ? Colours.Service(services.IndexOf(container.Service), text) : text) : [];
        }
    }

    /// <summary>The name without the project's, as docker shows it.</summary>
    public static string Shown(ProjectContainer container) =>
        container.Label(Labels.Project) is { } project && container.Name.StartsWith(project, StringComparison.Ordinal) && container.Name.Length > project.Length + 1 && container.Name[project.Length] is '-' or '_' ? container.Name[(project.Length + 1)..] : container.Name;

    /// <summary>Shows what was logged and, if the request follows, what comes, until the container ends for good; its exit code, or null if it was not followed to the end or is gone.</summary>
    public async Task<int?> ShowAsync(ProjectContainer container, LogsRequest request, CancellationToken cancellationToken, bool isShown = true)
    {
        try
        {
            while (true)
            {
                var inspected = await _call.Client.InspectContainerAsync(container.Id, cancellationToken: cancellationToken).ConfigureAwait(false);
                string startedAt = inspected.State?.StartedAt ?? "";
                if (isShown) await CopyAsync(container, inspected.Config?.Tty == true, request, cancellationToken).ConfigureAwait(false);
                if (!request.Follow) return null;
                var state = await EndedAsync(container.Id, startedAt, cancellationToken).ConfigureAwait(false);
                if (state is null) return null;
                if (state.Status is "exited" or "dead")
                {
                    if (isShown) Say($"{Shown(container)} exited with code {state.ExitCode}");
                    return state.ExitCode;
                }
                // It was started again: go on from there.
                request = request with { Since = Mark(state.FinishedAt, _call.Time) ?? Mark(state.StartedAt, _call.Time), Tail = null };
            }
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>A time of the engine as the beginning of output; null: it tells none, as that of what never happened.</summary>
    public static string? Mark(string? time, TimeProvider clock) =>
        string.IsNullOrEmpty(time) || time.StartsWith("0001-", StringComparison.Ordinal) ? null : Instant.Read(time, "since", clock);

    /// <summary>A line of our own among the others.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            _call.Io.OutStream.Write(Encoding.UTF8.GetBytes(text + "\n"));
            _call.Io.OutStream.Flush();
        }
    }

    private async Task CopyAsync(ProjectContainer container, bool tty, LogsRequest request, CancellationToken cancellationToken)
    {
        // One that took another's place is shown as that one was.
        byte[] prefix = _prefixes.GetValueOrDefault(container.Id) ?? _prefixes.GetValueOrDefault(container.Name, []);
        using var output = new PrefixedStream(prefix, _call.Io.OutStream, _gate);
        using var errors = new PrefixedStream(prefix, _call.Io.OutStream, _gate);
        var stream = await _call.Client.LogsContainerAsync(container.Id, request, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            if (tty) await stream.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
            else await StreamDemultiplexer.CopyAsync(stream, output, errors, cancellationToken).ConfigureAwait(false);
        }
        output.Finish();
        errors.Finish();
    }

    /// <summary>The state once the run that began then has ended, or another one has begun; null: the container is gone.</summary>
    private async Task<DockerApi.Containers.ContainerState?> EndedAsync(string id, string startedAt, CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = (await _call.Client.InspectContainerAsync(id, cancellationToken: cancellationToken).ConfigureAwait(false)).State;
            if (state is null || state.Status is "exited" or "dead" || (state.Running && state.StartedAt != startedAt)) return state;
            await Task.Delay(s_pause, _call.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
