using System.Text;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Audit;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Networks;

namespace Sampan.Cli.Commands.Engine;

/// <summary>system audit: the checks of the CIS Docker Benchmark that an engine, its containers and its images answer by themselves.</summary>
internal static class AuditCommand
{
    private static readonly Option<string> s_format = Option.Text("format", null, "string", "Print as JSON: json");
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Show what is good, too");

    public static Command Command { get; } = new()
    {
        Name = "audit",
        Summary = "Check engine, running containers and images by the CIS Docker Benchmark",
        Details = "Each finding has the benchmark's number, what was found, and what to do. What needs a person's judgement is not checked.",
        MaxWords = 0,
        Options = [s_all, s_format],
        IsSequential = true,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var format = call.Get(s_format);
        if (format is not ("" or "json"))
            throw new CommandException($"--format '{format}' is not known: use json, or leave it out");
        var findings = await FindAsync(call).ConfigureAwait(false);
        var shown = findings.Where(finding => !finding.IsGood || call.Get(s_all)).ToList();
        if (format == "json")
        {
            call.Out.WriteLine(Json(shown));
            return 0;
        }

        foreach (var finding in shown)
            call.Out.WriteLine($"[{(finding.IsGood ? "PASS" : "WARN")}] {finding.Check,-5} {finding.Subject}: {finding.Reason}{(finding.IsGood ? "" : $"; {finding.Fix}")}");
        call.Out.WriteLine($"{findings.Count} checks, {findings.Count(finding => !finding.IsGood)} warnings");
        return 0;
    }

    private static async Task<IReadOnlyList<AuditFinding>> FindAsync(Invocation call)
    {
        var (client, ct) = (call.Client, call.Cancelled);
        var info = await client.GetInfoAsync(ct).ConfigureAwait(false);
        NetworkInspect? bridge = (await client.ListNetworksAsync(cancellationToken: ct).ConfigureAwait(false)).FirstOrDefault(network => network.Name == "bridge");
        var endpoint = client.Endpoint;
        var findings = EngineAudit.Of(info, bridge, endpoint.Text).ToList();
        if (endpoint.SocketPath is { } socket)
            findings.AddRange(FileAudit.Of(socket, info.DockerRootDir));

        foreach (var image in await client.ListImagesAsync(cancellationToken: ct).ConfigureAwait(false))
        {
            if (await UnlessGoneAsync(async () => (await client.InspectImageAsync(image.Id, ct).ConfigureAwait(false), await client.ImageHistoryAsync(image.Id, cancellationToken: ct).ConfigureAwait(false))).ConfigureAwait(false) is var (inspected, history))
                findings.AddRange(ImageAudit.Of(image.RepoTags?.FirstOrDefault() ?? image.Id, inspected, history));
        }

        var paths = new HostPaths(endpoint.SocketPath, info.DockerRootDir);
        foreach (var container in await client.ListContainersAsync(cancellationToken: ct).ConfigureAwait(false))
        {
            if (await UnlessGoneAsync(async () => (await client.InspectContainerAsync(container.Id, cancellationToken: ct).ConfigureAwait(false), await ProgramsAsync(client, container.Id, ct).ConfigureAwait(false))).ConfigureAwait(false) is var (inspected, programs))
                findings.AddRange(ContainerAudit.Of(inspected, info, paths, programs));
        }

        // Not all engines that speak this API have plugins.
        if (await UnlessGoneAsync(async () => (await client.ListPluginsAsync(cancellationToken: ct).ConfigureAwait(false), 0)).ConfigureAwait(false) is var (plugins, _))
            findings.AddRange(plugins.Where(plugin => plugin.Enabled).SelectMany(plugin => PluginAudit.Of(plugin, paths)));

        return findings;
    }

    // Null: that cannot be told, as of a container between two starts; all else of it still can.
    private static async Task<IReadOnlyList<string>?> ProgramsAsync(DockerClient client, string container, CancellationToken ct)
    {
        try
        {
            return [.. ((await client.TopContainerAsync(container, "-o pid,comm", ct).ConfigureAwait(false)).Processes ?? []).Select(process => process[^1])];
        }
        catch (DockerApiException)
        {
            return null;
        }
    }

    private static async Task<T?> UnlessGoneAsync<T>(Func<Task<T>> ask)
        where T : struct
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        // It was removed since.
        catch (DockerApiException gone) when (gone.IsNotFound)
        {
            return null;
        }
    }

    private static string Json(IReadOnlyList<AuditFinding> findings)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartArray();
            foreach (var finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("Check", finding.Check);
                json.WriteString("Subject", finding.Subject);
                json.WriteString("Result", finding.IsGood ? "pass" : "warn");
                json.WriteString("Reason", finding.Reason);
                json.WriteString("Fix", finding.Fix);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }
}
