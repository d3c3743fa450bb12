using System.Globalization;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;

namespace Sampan.Compose.Running;

/// <summary>From a service to the request that creates a container of it. Pure; the only place that knows what a key of the file becomes.</summary>
internal static partial class ContainerRequests
{
    /// <summary>The request for one container.</summary>
    /// <param name="project">The project.</param>
    /// <param name="service">The service.</param>
    /// <param name="number">Which of its containers.</param>
    /// <param name="name">The container's name when all is done.</param>
    /// <param name="context">What the engine already has.</param>
    public static ContainerCreateRequest Create(Project project, Service service, int number, string name, RequestContext context)
    {
        var tree = service.Tree;
        var (networkMode, endpoints) = Networks(project, service, name, context);
        var ports = tree.Maps("ports").ToList();
        return new ContainerCreateRequest
        {
            Image = service.Image,
            Hostname = tree.Text("hostname") ?? "",
            Domainname = tree.Text("domainname") ?? "",
            User = tree.Text("user") ?? "",
            WorkingDir = tree.Text("working_dir") ?? "",
            Tty = tree.Flag("tty") ?? false,
            OpenStdin = tree.Flag("stdin_open") ?? false,
            Cmd = tree["command"] is Sequence ? tree.Texts("command") : null,
            Entrypoint = tree["entrypoint"] is Sequence ? tree.Texts("entrypoint") : null,
            Env = [.. tree.Pairs("environment").Select(p => $"{p.Key}={p.Value}")],
            Healthcheck = Health(tree.Map("healthcheck")),
            ExposedPorts = Exposed(tree, ports),
            Labels = LabelsOf(project, service, number, context),
            MacAddress = context.HasManyEndpoints ? null : tree.Text("mac_address"),
            StopSignal = tree.Text("stop_signal"),
            StopTimeout = service.StopSeconds,
            Volumes = tree.Maps("volumes").Where(m => m.Text("type") == "volume" && m.Text("source") is null && !context.InheritedVolumes.ContainsKey(m.Text("target") ?? ""))
                .ToDictionary(m => m.Text("target") ?? "", static _ => (EmptyObject?)new EmptyObject(), StringComparer.Ordinal),
            HostConfig = Host(project, service, networkMode, ports, context),
            NetworkingConfig = new NetworkingConfig { EndpointsConfig = endpoints },
        };
    }

    private static Dictionary<string, EmptyObject?> Exposed(Mapping tree, List<Mapping> ports)
    {
        var exposed = new Dictionary<string, EmptyObject?>(StringComparer.Ordinal);
        foreach (var port in ports) exposed[$"{port.Text("target")}/{port.Text("protocol")}"] = new EmptyObject();
        foreach (string port in tree.Texts("expose"))
        {
            string[] parts = port.Split('/');
            if (PortForm.Range(parts[0]) is var (first, last))
                for (int i = first; i <= last; i++) exposed[string.Create(CultureInfo.InvariantCulture, $"{i}/{(parts.Length > 1 ? parts[1] : "tcp")}")] = new EmptyObject();
        }
        return exposed;
    }

    private static HealthConfig? Health(Mapping? health) =>
        health is null ? null
        : health.Flag("disable") == true ? new HealthConfig { Test = ["NONE"] }
        : new HealthConfig
        {
            Test = health["test"] is Sequence ? health.Texts("test") : null,
            Interval = health.Duration("interval") ?? 0,
            Timeout = health.Duration("timeout") ?? 0,
            StartPeriod = health.Duration("start_period") ?? 0,
            StartInterval = health.Duration("start_interval") ?? 0,
            Retries = (int)(health.Long("retries") ?? 0),
        };

    private static Dictionary<string, string> LabelsOf(Project project, Service service, int number, RequestContext context)
    {
        var labels = new Dictionary<string, string>(service.Tree.Pairs("labels"), StringComparer.Ordinal)
        {
            [Labels.Project] = project.Name,
            [Labels.Service] = service.Name,
            [Labels.OneOff] = context.Slug is null ? "False" : "True",
            [Labels.Version] = RequestContext.ToolVersion,
            [Labels.ConfigFiles] = string.Join(',', project.Files),
            [Labels.WorkingDirectory] = project.Directory,
            [Labels.DependsOn] = string.Join(',', service.DependsOn.Select(d => $"{d.Service}:{Condition(d.Condition)}:{(d.Restarts ? "true" : "false")}")),
        };
        // What is run once is none of the service's containers.
        foreach (string label in labels.Keys.Where(Registration.IsOne).ToList()) labels.Remove(label);
        if (context.Slug is null)
        {
            var registration = Registration.Of(project, service);
            foreach (var (label, value) in registration) labels[label] = value;
            if (Registration.Mark(registration) is { } mark) labels[Registration.MarkLabel] = mark;
        }
        if (context.Slug is null) labels[Labels.Number] = number.ToString(CultureInfo.InvariantCulture);
        else labels[Labels.Slug] = context.Slug;
        labels[Labels.ConfigHash] = context.Hash;
        if (context.Keys is { Length: > 0 } keys) labels[Labels.KeyHashes] = keys;
        if (context.ImageId is { } image) labels[Labels.Image] = image;
        if (context.FilesHash is { } files) labels[Labels.FilesHash] = files;
        if (context.Replaces is { } replaces) labels[Labels.Replace] = replaces;
        // Docker's restart policies know no times; Sampan's engine reads them here.
        var policy = service.Tree.Map("deploy")?.Map("restart_policy");
        if (policy?.Duration("delay") is { } delay) labels[Labels.RestartDelay] = Seconds(delay);
        if (policy?.Duration("window") is { } window) labels[Labels.RestartWindow] = Seconds(window);
        if (project.EnvironmentFiles.Count > 0) labels[Labels.EnvironmentFile] = string.Join(',', project.EnvironmentFiles);
        return labels;
    }

    private static string Seconds(long nanoseconds) => (nanoseconds / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture);

    private static string Condition(DependencyCondition condition) => condition switch
    {
        DependencyCondition.Healthy => "service_healthy",
        DependencyCondition.CompletedSuccessfully => "service_completed_successfully",
        _ => "service_started",
    };
}
