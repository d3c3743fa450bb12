using System.Net;
using Microsoft.Extensions.Logging;
using Sampand.Configuration;

namespace Sampand.Registry;

/// <summary>The command line of <c>sampand registry</c>, read.</summary>
internal sealed class RegistryCommandLine
{
    private readonly List<IPEndPoint> _listen = [];
    private string? _root;
    private string? _users;
    private string? _certificate;
    private string? _key;
    private bool _readOnly;
    private bool _debug;
    private bool _untagged;

    private RegistryCommandLine()
    {
    }

    /// <summary>Print the help and end.</summary>
    internal bool Help { get; private set; }

    /// <summary>Check the settings and end.</summary>
    internal bool Validate { get; private set; }

    /// <summary>Collect garbage and end.</summary>
    internal bool Collect { get; private set; }

    /// <summary>Only tell what would be collected.</summary>
    internal bool DryRun { get; private set; }

    /// <summary>The configuration file; null: not given.</summary>
    internal string? ConfigFile { get; private set; }

    /// <summary>Reads it.</summary>
    /// <exception cref="ConfigurationException">An unknown flag, a missing or wrong value, or a stray word.</exception>
    internal static RegistryCommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new RegistryCommandLine();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (i == 0 && arguments[0] == "gc")
            {
                line.Collect = true;
                continue;
            }
            var argument = arguments[i];
            var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=') : -1;
            var attached = equals < 0 ? null : argument[(equals + 1)..];
            line.Take(equals < 0 ? argument : argument[..equals], attached, () => attached ?? (++i < arguments.Count ? arguments[i] : throw new ConfigurationException($"flag needs an argument: '{argument}'")));
        }
        if (!line.Collect && (line.DryRun || line._untagged))
            throw new ConfigurationException("'--dry-run' and '--untagged' belong to 'sampand registry gc'");
        return line;
    }

    /// <summary>The file's settings, those of the line in front of them.</summary>
    internal RegistryConfiguration Apply(RegistryConfiguration file) => file with
    {
        Listen = _listen.Count > 0 ? _listen : file.Listen,
        Root = _root ?? file.Root,
        UsersFile = _users ?? file.UsersFile,
        CertificateFile = _certificate ?? file.CertificateFile,
        KeyFile = _key ?? file.KeyFile,
        IsReadOnly = _readOnly || file.IsReadOnly,
        LogLevel = _debug ? LogLevel.Debug : file.LogLevel,
        Store = file.Store with { CollectUntagged = _untagged || file.Store.CollectUntagged },
    };

    private void Take(string name, string? attached, Func<string> next)
    {
        switch (name)
        {
            case "--listen":
                var text = next();
                _listen.Add(RegistryConfiguration.TryParseAddress(text, out var address) ? address : throw new ConfigurationException($"invalid value of '--listen': '{text}': expected ADDRESS:PORT"));
                return;
            case "--root":
                _root = Path.GetFullPath(next());
                return;
            case "--config":
                ConfigFile = next();
                return;
            case "--users":
                _users = Path.GetFullPath(next());
                return;
            case "--tls-certificate":
                _certificate = Path.GetFullPath(next());
                return;
            case "--tls-key":
                _key = Path.GetFullPath(next());
                return;
        }
        if (attached is not null || !TakeSwitch(name))
            throw new ConfigurationException(name.StartsWith('-') ? $"unknown flag: '{name}'; see 'sampand registry --help'" : $"unexpected argument '{name}'; see 'sampand registry --help'");
    }

    private bool TakeSwitch(string name)
    {
        switch (name)
        {
            case "-h" or "--help":
                return Help = true;
            case "--validate":
                return Validate = true;
            case "--read-only":
                return _readOnly = true;
            case "-D" or "--debug":
                return _debug = true;
            case "--dry-run":
                return DryRun = true;
            case "--untagged":
                return _untagged = true;
            default:
                return false;
        }
    }
}
