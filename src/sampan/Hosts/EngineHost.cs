using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Hosts;

/// <summary>Finds the engine: --host, SAMPAN_HOST, DOCKER_HOST, the default socket, in that order.</summary>
internal static class EngineHost
{
    public const string DefaultEndpoint = "unix:///run/sampan/sampan.sock";

    // From 1.52 on inspect leaves out fields that scripts ask for, such as .NetworkSettings.IPAddress.
    private static readonly ApiVersion s_newest = new(1, 51);

    /// <summary>The endpoint and where it was named; <see cref="CommandException"/> when it can't be read.</summary>
    public static (DockerEndpoint Endpoint, string Source) Resolve(IReadOnlyList<string> hosts, Func<string, string?> environment)
    {
        if (hosts.Count > 1) throw new CommandException("specify only one -H");
        (string text, string source) = hosts is [{ Length: > 0 } host] ? (host, "--host")
            : environment("SAMPAN_HOST") is { Length: > 0 } own ? (own, "SAMPAN_HOST")
            : environment("DOCKER_HOST") is { Length: > 0 } docker ? (docker, "DOCKER_HOST")
            : (DefaultEndpoint, "the default");
        return (DockerEndpoint.Parse(text, out string reason) ?? throw new CommandException($"{reason} (from {source})"), source);
    }

    /// <summary>A client of the engine that is named.</summary>
    /// <param name="global">The global options.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="settings">The user's settings.</param>
    /// <param name="isSequential">See <see cref="DockerClient.IsSequential"/>.</param>
    /// <param name="trace">Is told of each request; null: nobody is.</param>
    public static DockerClient Connect(ParsedArguments global, Func<string, string?> environment, ClientSettings settings, bool isSequential, Action<string>? trace)
    {
        ApiVersion? pinned = null;
        if (environment("DOCKER_API_VERSION") is { Length: > 0 } text)
            pinned = ApiVersion.TryParse(text.TrimStart('v'), out var version) ? version : throw new CommandException($"invalid API version '{text}' in DOCKER_API_VERSION: expected a form like 1.43");
        if (environment("DOCKER_TLS_VERIFY") is { Length: > 0 })
            throw new CommandException("DOCKER_TLS_VERIFY is set, but sampan has no TLS: unset it, or use a Unix socket");
        return new DockerClient(Resolve(global.Get(GlobalOptions.Host), environment).Endpoint, pinned, s_newest) { Headers = settings.Headers, IsSequential = isSequential, LineTo = KernelLine.To, Trace = trace };
    }
}
