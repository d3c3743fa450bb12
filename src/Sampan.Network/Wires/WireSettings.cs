using Sampan.Network.Bridges;

namespace Sampan.Network.Wires;

/// <summary>The options of the drivers <c>macvlan</c> and <c>ipvlan</c>, in Docker's names.</summary>
internal sealed record WireSettings
{
    internal const string MacVlan = "macvlan";
    internal const string IpVlan = "ipvlan";

    /// <summary><c>macvlan</c> or <c>ipvlan</c>, also the kernel's kind of link.</summary>
    internal required string Driver { get; init; }

    /// <summary>The parent interface; null: a dummy one is made, and the network leads nowhere.</summary>
    internal string? Parent { get; private init; }

    /// <summary>The kernel's number of the mode.</summary>
    internal uint Mode { get; private init; }

    /// <summary>ipvlan's kernel flags: 1 private, 2 vepa.</summary>
    internal ushort Flags { get; private init; }

    /// <summary>The kernel routes between containers and the parent's wire: there is no next hop, and no hardware address to ask for.</summary>
    internal bool IsRouted => Driver == IpVlan && Mode > 0;

    internal static bool Knows(string driver) => driver is MacVlan or IpVlan;

    /// <exception cref="NetworkException">An option is unknown or has a value that cannot be.</exception>
    internal static WireSettings Parse(string driver, IReadOnlyDictionary<string, string> options)
    {
        var settings = new WireSettings { Driver = driver, Mode = driver == MacVlan ? 4u : 0u };
        foreach (var (name, value) in options)
        {
            settings = (driver, name) switch
            {
                (_, "parent") => settings with { Parent = value.Length == 0 ? null : Link(value) },
                (MacVlan, "macvlan_mode") => settings with { Mode = Choose(name, value, ("private", 1u), ("vepa", 2u), ("bridge", 4u), ("passthru", 8u)) },
                (IpVlan, "ipvlan_mode") => settings with { Mode = Choose(name, value, ("l2", 0u), ("l3", 1u), ("l3s", 2u)) },
                (IpVlan, "ipvlan_flag") => settings with { Flags = (ushort)Choose(name, value, ("bridge", 0u), ("private", 1u), ("vepa", 2u)) },
                _ => throw new NetworkException(NetworkError.InvalidInput, $"unknown option '{name}' for a network of the driver '{driver}'"),
            };
        }

        return settings;
    }

    private static string Link(string name) => BridgeSettings.IsLinkName(name) && name != "lo"
        ? name
        : throw new NetworkException(NetworkError.InvalidInput, $"invalid parent interface '{name}': the name of an interface other than the loopback is expected");

    private static uint Choose(string name, string value, params ReadOnlySpan<(string Word, uint Number)> choices)
    {
        foreach (var (word, number) in choices)
        {
            if (value == word)
                return number;
        }

        List<string> words = [];
        foreach (var (word, _) in choices)
            words.Add(word);
        throw new NetworkException(NetworkError.InvalidInput, $"invalid value '{value}' of the option '{name}': one of {string.Join(", ", words)} is expected");
    }
}
