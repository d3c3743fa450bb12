using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.Compose.Running;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Compose;

/// <summary>The commands that tell what is there: ps ls images port top volumes version.</summary>
internal static partial class ListVerbs
{
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Show what does not run, too");
    private static readonly Option<IReadOnlyList<string>> s_filter = Option.List("filter", null, "filter", "Show only what matches: name=NAME (of ls), status=STATUS (of ps)");
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten anything");
    private static readonly Option<bool> s_orphans = Option.Flag("orphans", null, "Show containers of services that are not in the files", initial: true);
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show ids or names only");
    private static readonly Option<bool> s_services = Option.Flag("services", null, "Show the services' names only");
    private static readonly Option<IReadOnlyList<string>> s_status = Option.List("status", null, "stringArray", "Show only what is: paused, restarting, removing, running, dead, created, exited");
    private static readonly Option<long?> s_index = Option.Number("index", null, "Which container of a service that has several");
    private static readonly Option<string> s_protocol = Option.Text("protocol", null, "string", "tcp or udp", "tcp");
    private static readonly Option<bool> s_short = Option.Flag("short", null, "Print the number alone");
    private static readonly Option<string> s_versionFormat = Option.Text("format", 'f', "string", "pretty or json");

    public static Command Ps { get; } = new()
    {
        Name = "ps",
        Summary = "List containers",
        Arguments = "[SERVICE...]",
        Options = [s_all, s_filter, s_format, s_noTrunc, s_orphans, s_quiet, s_services, s_status],
        Run = PsAsync,
    };

    public static Command Ls { get; } = new()
    {
        Name = "ls",
        Summary = "List running compose projects",
        MaxWords = 0,
        Options = [s_all, s_filter, s_format, s_quiet],
        Run = LsAsync,
    };

    public static Command Images { get; } = new()
    {
        Name = "images",
        Summary = "List images used by the created containers",
        Arguments = "[SERVICE...]",
        Options = [s_format, s_quiet],
        Run = ImagesAsync,
    };

    public static Command Port { get; } = new()
    {
        Name = "port",
        Summary = "Print the public port for a port binding",
        Arguments = "SERVICE PRIVATE_PORT",
        MinWords = 2,
        MaxWords = 2,
        Options = [s_index, s_protocol],
        Run = PortAsync,
    };

    public static Command Top { get; } = new()
    {
        Name = "top",
        Summary = "Display the running processes",
        Arguments = "[SERVICE...]",
        Options = [JsonFormat.Option],
        Run = TopAsync,
    };

    public static Command Volumes { get; } = new()
    {
        Name = "volumes",
        Summary = "List volumes",
        Arguments = "[SERVICE...]",
        Options = [s_format, s_quiet],
        Run = VolumesAsync,
    };

    public static Command Version { get; } = new()
    {
        Name = "version",
        Summary = "Show the version of compose",
        MaxWords = 0,
        Options = [s_versionFormat, s_short],
        Run = call =>
        {
            call.Out.WriteLine(call.Get(s_short) ? ProductVersion.Text : call.Get(s_versionFormat) == "json" ? $"{{\"version\":\"v{ProductVersion.Text}\"}}" : $"Sampan Compose version v{ProductVersion.Text}");
            return Task.FromResult(0);
        },
    };

    private static async Task<int> PsAsync(Invocation call)
    {
        var statuses = call.Get(s_status).Concat(call.Get(s_filter).Select(f => f.StartsWith("status=", StringComparison.Ordinal) ? f[7..] : throw new CommandException($"unknown filter '{f}': expected status=STATUS"))).ToList();
        var (name, project) = ComposeProject.Find(call, call.Words);
        var containers = await Runner.Create(call, name, project).SelectAsync(call.Words, call.Get(s_all) || statuses.Count > 0, call.Cancelled).ConfigureAwait(false);
        var shown = containers.Where(c => statuses.Count == 0 || statuses.Contains(c.Summary.State, StringComparer.Ordinal))
            .Where(c => call.Get(s_orphans) || project is null || project.Services.ContainsKey(c.Service)).ToList();
        if (call.Get(s_services))
        {
            foreach (string service in shown.Select(c => c.Service).Distinct(StringComparer.Ordinal)) call.Out.WriteLine(service);
            return 0;
        }
        var inner = ContainerShape.Create(call.Get(s_noTrunc), call.Time);
        var shape = new RowShape<ProjectContainer>("container",
        [
            new("ID", "CONTAINER ID", c => call.Get(s_noTrunc) || call.Get(s_quiet) ? c.Id : Texts.ShortId(c.Id)),
            new("Name", "NAME", c => c.Name),
            new("Service", "SERVICE", c => c.Service),
            new("Project", "PROJECT", c => c.Label(Labels.Project)),
            new("ExitCode", "EXIT CODE", c => Exited().Match(c.Summary.Status) is { Success: true } m ? long.Parse(m.Groups["code"].ValueSpan, CultureInfo.InvariantCulture) : 0L),
            new("Publishers", "PUBLISHERS", Publishers),
            new("Health", "HEALTH", c => c.Summary.Health?.Status is "none" or null ? "" : c.Summary.Health.Status),
            .. inner.Columns.Where(column => column.Name is not ("ID" or "Name")).Select(column => new Column<ProjectContainer>(column.Name, column.Header, c => column.Value(c.Summary)) { WithArgument = column.WithArgument is { } get ? (c, argument) => get(c.Summary, argument) : null }),
        ]);
        ListFormat.Write(call.Out, call.Get(s_format), shape, shown, "{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}", call.Get(s_quiet) ? "{{.ID}}" : null);
        return 0;
    }

    // As docker's tool names the parts of a port.
    private static object Publishers(ProjectContainer container)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            foreach (var port in container.Summary.Ports ?? [])
            {
                writer.WriteStartObject();
                writer.WriteString("URL", port.IP ?? "");
                writer.WriteNumber("TargetPort", port.PrivatePort);
                writer.WriteNumber("PublishedPort", port.PublicPort ?? 0);
                writer.WriteString("Protocol", port.Type);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        using var document = JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }

    [GeneratedRegex(@"^(Exited|Restarting) \((?<code>[0-9]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exited();

    private static async Task<int> LsAsync(Invocation call)
    {
        string? wanted = null;
        foreach (string filter in call.Get(s_filter)) wanted = filter.StartsWith("name=", StringComparison.Ordinal) ? filter[5..] : throw new CommandException($"unknown filter '{filter}': expected name=NAME");
        var listed = await call.Client.ListContainersAsync(all: true, filters: new Filters().Add("label", Labels.Project), cancellationToken: call.Cancelled).ConfigureAwait(false);
        var projects = listed.Select(c => new ProjectContainer(c)).Where(c => !c.IsOneOff).GroupBy(c => c.Label(Labels.Project) ?? "", StringComparer.Ordinal)
            .Where(g => (call.Get(s_all) || g.Any(c => c.IsRunning)) && (wanted is null || g.Key.Contains(wanted, StringComparison.Ordinal))).OrderBy(g => g.Key, StringComparer.Ordinal);
        var shape = new RowShape<IGrouping<string, ProjectContainer>>("project",
        [
            new("Name", "NAME", p => p.Key),
            new("Status", "STATUS", p => string.Join(", ", p.GroupBy(c => c.Summary.State, StringComparer.Ordinal).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}({s.Count()})"))),
            new("ConfigFiles", "CONFIG FILES", p => string.Join(',', p.SelectMany(c => (c.Label(Labels.ConfigFiles) ?? "").Split(',')).Distinct(StringComparer.Ordinal))),
        ]);
        if (call.Get(s_format) == "json")
        {
            call.Out.WriteLine("[" + string.Join(',', projects.Select(p => shape.Row(p).ToJson())) + "]");
            return 0;
        }
        ListFormat.Write(call.Out, call.Get(s_format), shape, projects, "{{.Name}}\t{{.Status}}\t{{.ConfigFiles}}", call.Get(s_quiet) ? "{{.Name}}" : null);
        return 0;
    }

    private static async Task<int> ImagesAsync(Invocation call)
    {
        var containers = await Runner.Find(call, call.Words).SelectAsync(call.Words, all: true, call.Cancelled).ConfigureAwait(false);
        var images = (await call.Client.ListImagesAsync(cancellationToken: call.Cancelled).ConfigureAwait(false)).ToDictionary(i => i.Id, StringComparer.Ordinal);
        var shape = new RowShape<ProjectContainer>("image",
        [
            new("ContainerName", "CONTAINER", c => c.Name),
            new("Repository", "REPOSITORY", c => ImageName.Split(c.Summary.Image).Repository),
            new("Tag", "TAG", c => ImageName.Split(c.Summary.Image).Tag ?? "latest"),
            new("ID", "IMAGE ID", c => Texts.ShortId(c.Summary.ImageID)),
            new("Size", "SIZE", c => images.TryGetValue(c.Summary.ImageID, out var image) ? HumanSize.Short(image.Size) : ""),
        ]);
        if (call.Get(s_format) == "json")
        {
            call.Out.WriteLine("[" + string.Join(',', containers.Select(c => shape.Row(c).ToJson())) + "]");
            return 0;
        }
        ListFormat.Write(call.Out, call.Get(s_format), shape, containers, "{{.ContainerName}}\t{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.Size}}", call.Get(s_quiet) ? "{{.ID}}" : null);
        return 0;
    }

    private static async Task<int> PortAsync(Invocation call)
    {
        if (!int.TryParse(call.Words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int port)) throw new CommandException($"invalid port '{call.Words[1]}'");
        var container = await Runner.Find(call, [call.Words[0]]).OneAsync(call.Words[0], (int?)call.Get(s_index), call.Cancelled).ConfigureAwait(false);
        var bound = (container.Summary.Ports ?? []).FirstOrDefault(p => p.PrivatePort == port && p.Type == call.Get(s_protocol) && p.PublicPort is > 0)
            ?? throw new CommandException($"no port {port}/{call.Get(s_protocol)} for container {container.Name}");
        call.Out.WriteLine($"{(bound.IP?.Contains(':') == true ? $"[{bound.IP}]" : bound.IP)}:{bound.PublicPort}");
        return 0;
    }

    private static async Task<int> TopAsync(Invocation call)
    {
        foreach (var container in await Runner.Find(call, call.Words).SelectAsync(call.Words, all: false, call.Cancelled).ConfigureAwait(false))
        {
            if (JsonFormat.IsAsked(call))
            {
                var top = JsonSerializer.SerializeToNode(await call.Client.TopContainerAsync(container.Id, null, call.Cancelled).ConfigureAwait(false), DockerApiJson.Wire.TopResponse)!;
                top["Name"] = container.Name;
                call.Out.WriteLine(top.ToJsonString());
                continue;
            }
            call.Out.WriteLine(container.Name);
            await call.RunAsync(Commands.Containers.TopCommand.Command, [container.Id]).ConfigureAwait(false);
            call.Out.WriteLine();
        }
        return 0;
    }

    private static async Task<int> VolumesAsync(Invocation call)
    {
        var (name, _) = ComposeProject.Find(call, call.Words);
        var used = call.Words.Count == 0 ? null : (await Runner.Find(call, call.Words).SelectAsync(call.Words, all: true, call.Cancelled).ConfigureAwait(false)).SelectMany(c => c.Summary.Mounts ?? []).Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        var volumes = (await call.Client.ListVolumesAsync(new Filters().Add("label", $"{Labels.Project}={name}"), call.Cancelled).ConfigureAwait(false)).Volumes ?? [];
        var shape = new RowShape<DockerApi.Volumes.VolumeInspect>("volume",
        [
            new("Driver", "DRIVER", v => v.Driver),
            new("Name", "VOLUME NAME", v => v.Name),
            new("Mountpoint", "MOUNTPOINT", v => v.Mountpoint),
            new("Labels", "LABELS", v => Texts.Labels(v.Labels)),
        ]);
        ListFormat.Write(call.Out, call.Get(s_format), shape, volumes.Where(v => used is null || used.Contains(v.Name)).OrderBy(v => v.Name, StringComparer.Ordinal), "{{.Driver}}\t{{.Name}}", call.Get(s_quiet) ? "{{.Name}}" : null);
        return 0;
    }
}
