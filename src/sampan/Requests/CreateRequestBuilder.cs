using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using O = Sampan.Cli.Requests.CreateOptions;

namespace Sampan.Cli.Requests;

/// <summary>
/// Makes a create request of the options of run and create: (1) streams (2) ports, volumes, environment (3) the portable
/// half (4) the host's half (5) networks. Pure but for the files that options name; throws <see cref="FormatException"/>.
/// </summary>
internal static class CreateRequestBuilder
{
    public static ContainerCreateRequest Build(ParsedArguments a, Func<string, string?> environment, bool detached)
    {
        var attach = a.Get(O.Attach).Select(s => s.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        bool interactive = a.Get(O.Interactive);
        bool stdin = !detached && (interactive || attach.Contains("stdin"));

        var exposed = new Dictionary<string, EmptyObject?>(StringComparer.Ordinal);
        var bindings = new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
        foreach (string spec in a.Get(O.Publish)) PortSpecs.Publish(spec, exposed, bindings);
        foreach (string spec in a.Get(O.Expose)) PortSpecs.Expose(spec, exposed);
        var (binds, volumes) = Volumes(a.Get(O.Volume));
        var (networkMode, networking) = NetworkSpecs.Build(a);

        return new ContainerCreateRequest
        {
            Hostname = a.Get(O.Hostname),
            Domainname = a.Get(O.Domainname),
            User = a.Get(O.User),
            AttachStdin = stdin,
            AttachStdout = !detached && (attach.Count == 0 || attach.Contains("stdout")),
            AttachStderr = !detached && (attach.Count == 0 || attach.Contains("stderr")),
            OpenStdin = interactive,
            StdinOnce = interactive && stdin,
            Tty = a.Get(O.Tty),
            ExposedPorts = exposed.Count > 0 ? exposed : null,
            Env = SettingFiles.Environment(a.Get(O.EnvFile), a.Get(O.Env), environment),
            Image = a.Words[0],
            Cmd = a.Words.Count > 1 ? [.. a.Words.Skip(1)] : null,
            Entrypoint = a.IsSet(O.Entrypoint) ? [a.Get(O.Entrypoint)] : null,
            Volumes = volumes,
            WorkingDir = a.Get(O.Workdir),
            Labels = Labels(a),
            Healthcheck = Health(a),
            MacAddress = null,
            StopSignal = a.Get(O.StopSignal) is { Length: > 0 } signal ? signal : null,
            StopTimeout = (int?)a.Get(O.StopTimeout),
            HostConfig = HostConfigBuilder.Build(a, binds, bindings, networkMode),
            NetworkingConfig = networking,
        };
    }

    /// <summary>Paths alone become anonymous volumes; relative sources are taken from the working directory.</summary>
    private static (IReadOnlyList<string> Binds, IReadOnlyDictionary<string, EmptyObject?> Anonymous) Volumes(IReadOnlyList<string> specs)
    {
        var binds = new List<string>();
        var anonymous = new Dictionary<string, EmptyObject?>(StringComparer.Ordinal);
        // Twice the same is once, as with docker.
        foreach (string spec in specs.Distinct(StringComparer.Ordinal))
        {
            int colon = spec.IndexOf(':');
            if (spec.Length == 0 || spec == ":") throw new FormatException($"invalid volume specification: '{spec}'");
            if (colon < 0) anonymous[spec] = new EmptyObject();
            else if (spec.StartsWith('.')) binds.Add(Path.GetFullPath(spec[..colon]) + spec[colon..]);
            else binds.Add(spec);
        }
        return (binds, anonymous);
    }

    /// <summary>The label means the same whoever sends it: docker's client has no option for it.</summary>
    private static Dictionary<string, string> Labels(ParsedArguments a)
    {
        var labels = SettingFiles.Labels(a.Get(O.LabelFile), a.Get(O.Label));
        if (a.IsSet(O.RestartOnUnhealthy)) labels["io.sampan.restart-on-unhealthy"] = a.Get(O.RestartOnUnhealthy) ? "true" : "false";
        return labels;
    }

    private static HealthConfig? Health(ParsedArguments a)
    {
        bool any = a.IsSet(O.HealthCmd) || a.IsSet(O.HealthInterval) || a.IsSet(O.HealthTimeout) || a.IsSet(O.HealthStartPeriod) || a.IsSet(O.HealthRetries) || a.IsSet(O.HealthStartInterval);
        if (a.Get(O.NoHealthcheck))
            return any ? throw new FormatException("--no-healthcheck conflicts with --health-* options") : new HealthConfig { Test = ["NONE"] };
        if (!any) return null;
        foreach (var option in new[] { O.HealthInterval, O.HealthTimeout, O.HealthStartPeriod, O.HealthRetries, O.HealthStartInterval })
            if (a.Get(option) < 0) throw new FormatException($"--{option.Name} cannot be negative");
        return new HealthConfig
        {
            Test = a.Get(O.HealthCmd) is { Length: > 0 } command ? ["CMD-SHELL", command] : null,
            Interval = a.Get(O.HealthInterval) ?? 0,
            Timeout = a.Get(O.HealthTimeout) ?? 0,
            StartPeriod = a.Get(O.HealthStartPeriod) ?? 0,
            StartInterval = a.Get(O.HealthStartInterval) ?? 0,
            Retries = (int)(a.Get(O.HealthRetries) ?? 0),
        };
    }

    /// <summary>"on-failure:3"</summary>
    public static RestartPolicy ParseRestart(string text)
    {
        int colon = text.IndexOf(':');
        string name = colon < 0 ? text : text[..colon];
        int max = 0;
        if (colon >= 0 && (name.Length == 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out max)))
            throw new FormatException(name.Length == 0 ? "invalid restart policy format: no policy provided before colon" : "invalid restart policy format: maximum retry count must be an integer");
        return new RestartPolicy { Name = name, MaximumRetryCount = max };
    }
}
