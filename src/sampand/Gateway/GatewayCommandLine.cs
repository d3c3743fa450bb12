using System.Globalization;
using System.Net;
using Sampan.DockerApi.Client;
using Sampan.Server.Gateway;
using Sampand.Configuration;
using Sampand.Registry;

namespace Sampand.Gateway;

/// <summary>The command line of <c>sampand gateway</c>, read.</summary>
internal sealed class GatewayCommandLine
{
    private const string DefaultEngine = "unix:///run/sampan/sampan.sock";
    private readonly List<IPEndPoint> _listen = [];
    private readonly List<IPEndPoint> _listenTls = [];
    private string _engine = DefaultEngine;
    private string? _certificates;
    private long? _maxBody;
    private int _maxConnections = 10_000;
    private int _timeout = 60;

    private GatewayCommandLine()
    {
    }

    /// <summary>Print the help and end.</summary>
    internal bool Help { get; private set; }

    /// <summary>Log more.</summary>
    internal bool Debug { get; private set; }

    /// <summary>Write a line for each request.</summary>
    internal bool HasAccessLog { get; private set; } = true;

    /// <summary>Where to listen.</summary>
    internal IReadOnlyList<IPEndPoint> Listen => _listen.Count == 0 && _listenTls.Count == 0 ? [new IPEndPoint(IPAddress.Loopback, 8080)] : _listen;

    /// <summary>Where to listen with TLS.</summary>
    internal IReadOnlyList<IPEndPoint> ListenTls => _listenTls;

    /// <summary>All but the sockets.</summary>
    internal GatewayOptions Options => new()
    {
        Engine = DockerEndpoint.Parse(_engine, out var reason) ?? throw new ConfigurationException($"invalid value of '--host': '{_engine}': {reason}"),
        Listeners = [],
        Certificates = _certificates,
        MaxBody = _maxBody,
        MaxConnections = _maxConnections,
        Patience = TimeSpan.FromSeconds(_timeout),
    };

    /// <summary>Reads it.</summary>
    /// <exception cref="ConfigurationException">An unknown flag, a missing or wrong value, or a stray word.</exception>
    internal static GatewayCommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new GatewayCommandLine();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=') : -1;
            var attached = equals < 0 ? null : argument[(equals + 1)..];
            line.Take(equals < 0 ? argument : argument[..equals], attached, () => attached ?? (++i < arguments.Count ? arguments[i] : throw new ConfigurationException($"flag needs an argument: '{argument}'")));
        }

        if (line._listenTls.Count > 0 != line._certificates is not null)
            throw new ConfigurationException("'--listen-tls' and '--certificates' need each other");
        _ = line.Options; // says what is wrong with it
        return line;
    }

    /// <summary>The command line of a gateway that the daemon keeps: what its settings say, this daemon's first Unix socket, and no access log, as nobody reads its output.</summary>
    /// <param name="options">The settings, options without their dashes; none: no gateway is kept.</param>
    /// <param name="hosts">Where the daemon listens.</param>
    /// <param name="problems">Takes what is wrong with them.</param>
    internal static IReadOnlyList<string>? Kept(IReadOnlyList<string> options, IReadOnlyList<string> hosts, List<string> problems)
    {
        if (options.Count == 0)
            return null;
        if (hosts.FirstOrDefault(host => host.StartsWith("unix://", StringComparison.Ordinal)) is not { } engine)
        {
            problems.Add("'gateway-opts' needs a Unix socket among 'hosts', by which the gateway reaches the daemon");
            return null;
        }

        IReadOnlyList<string> words = [.. options.Select(option => "--" + option), "--host", engine, "--no-access-log"];
        try
        {
            if (options.Any(option => option.StartsWith("host", StringComparison.Ordinal)) || Parse(words).Help)
                throw new ConfigurationException("neither 'host' nor 'help' can be set: the gateway is this daemon's");
        }
        catch (ConfigurationException wrong)
        {
            problems.Add($"invalid value of 'gateway-opts': {wrong.Message}");
        }

        return words;
    }

    private void Take(string name, string? attached, Func<string> next)
    {
        switch (name)
        {
            case "--listen":
                _listen.Add(Address(name, next()));
                return;
            case "--listen-tls":
                _listenTls.Add(Address(name, next()));
                return;
            case "--certificates":
                _certificates = Path.GetFullPath(next());
                return;
            case "-H" or "--host":
                _engine = next();
                return;
            case "--timeout":
                _timeout = (int)Number(name, next(), 1, 86_400);
                return;
            case "--max-body":
                _maxBody = Number(name, next(), 0, long.MaxValue);
                return;
            case "--max-connections":
                _maxConnections = (int)Number(name, next(), 1, 1_000_000);
                return;
        }

        if (attached is not null || !TakeSwitch(name))
            throw new ConfigurationException(name.StartsWith('-') ? $"unknown flag: '{name}'; see 'sampand gateway --help'" : $"unexpected argument '{name}'; see 'sampand gateway --help'");
    }

    private bool TakeSwitch(string name)
    {
        switch (name)
        {
            case "-h" or "--help":
                return Help = true;
            case "-D" or "--debug":
                return Debug = true;
            case "--no-access-log":
                HasAccessLog = false;
                return true;
            default:
                return false;
        }
    }

    private static IPEndPoint Address(string name, string text) =>
        RegistryConfiguration.TryParseAddress(text, out var address) ? address : throw new ConfigurationException($"invalid value of '{name}': '{text}': expected ADDRESS:PORT");

    private static long Number(string name, string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : throw new ConfigurationException($"invalid value of '{name}': '{text}': expected a number from {least} to {most}");
}
