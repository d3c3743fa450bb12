using Sampan.Cli.Arguments;

namespace Sampan.Cli.Hosts;

/// <summary>The options before the command: which engine, and how much to say.</summary>
internal static class GlobalOptions
{
    private const string NoTls = "TLS is not built in: use a Unix socket, or tcp:// through an SSH tunnel";

    public static readonly Option<string> Config = new("config", null, "string", "Directory of the client's settings, config.json (default DOCKER_CONFIG or ~/.docker)", "", static (_, text) => text) { Completes = Candidates.Files };
    public static readonly Option<bool> Debug = Option.Flag("debug", 'D', "Show requests to the engine; the same as --log-level debug");
    public static readonly Option<IReadOnlyList<string>> Host = Option.List("host", 'H', "list", "Where the engine listens: unix:///PATH or tcp://HOST:PORT");
    public static readonly Option<string> LogLevel = Option.Text("log-level", 'l', "string", "What to tell on stderr beside the results: requests at debug; info, warn, error and fatal are accepted", "info");
    public static readonly Option<bool> Version = Option.Flag("version", 'v', "Print the version and quit");

    public static IReadOnlyList<Option> All { get; } =
    [
        Config, Debug, Host, LogLevel, Version,
        Option.Refused("context", 'c', "string", "Name of a context", "contexts are docker's; name the engine with --host"),
        Option.Refused("tls", null, "", "Use TLS", NoTls),
        Option.Refused("tlscacert", null, "string", "Trusted CA", NoTls),
        Option.Refused("tlscert", null, "string", "Client certificate", NoTls),
        Option.Refused("tlskey", null, "string", "Client key", NoTls),
        Option.Refused("tlsverify", null, "", "Use TLS and verify the engine", NoTls),
    ];
}
