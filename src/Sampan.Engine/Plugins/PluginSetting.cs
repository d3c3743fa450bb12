using Sampan.Oci.Plugins;

namespace Sampan.Engine.Plugins;

/// <summary>One <c>NAME[.FIELD]=VALUE</c> of <c>plugin set</c>, by Docker's rules (moby plugin/v2/settable.go).</summary>
internal sealed record PluginSetting(string Name, string Field, string Value)
{
    private string Shown => Field.Length > 0 ? $"{Name}.{Field}" : Name;

    /// <summary>Reads one; without an equals sign the value is empty.</summary>
    public static PluginSetting Parse(string text)
    {
        var equals = text.IndexOf('=');
        if (equals == 0)
            throw EngineException.Invalid("invalid format, must be <name>[.<field>][=<value>]");
        var (name, value) = equals < 0 ? (text, "") : (text[..equals], text[(equals + 1)..]);
        if (text.Contains('\0'))
            throw EngineException.Invalid("invalid format, a setting has a zero byte");
        var dot = name.LastIndexOf('.');
        return dot > 0 ? new PluginSetting(name[..dot], name[(dot + 1)..], value) : new PluginSetting(name, "", value);
    }

    /// <summary>The settings with all of <paramref name="words"/> applied, or none.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: there is no such setting, or it may not be set.</exception>
    public static PluginSettings Apply(PluginConfig config, PluginSettings settings, IReadOnlyList<string> words) =>
        words.Select(Parse).ToList().Aggregate(settings, (now, setting) => setting.Apply(config, now));

    private PluginSettings Apply(PluginConfig config, PluginSettings settings)
    {
        if (config.Env?.FirstOrDefault(env => env.Name == Name) is { } variable)
        {
            Require("value", variable.Settable);
            var line = $"{Name}={Value}";
            return settings with { Env = settings.Env.Any(IsOwn) ? [.. settings.Env.Select(known => IsOwn(known) ? line : known)] : [.. settings.Env, line] };
        }

        if (config.Mounts?.FirstOrDefault(mount => mount.Name == Name) is { } place)
        {
            Require("source", place.Settable);
            if (place.Type is "bind" or "" && !PluginCheck.IsPlace(Value))
                throw EngineException.Invalid($"invalid source '{Value}' of mount '{Name}': expected an absolute path of the host without '..'");
            return settings with { Mounts = [.. settings.Mounts.Select(known => known.Name == Name ? known with { Source = Value } : known)] };
        }

        if (config.Linux.Devices?.FirstOrDefault(device => device.Name == Name) is { } node)
        {
            Require("path", node.Settable);
            if (!PluginCheck.IsDevice(Value))
                throw EngineException.Invalid($"invalid path '{Value}' of device '{Name}': expected one below /dev without '..'");
            return settings with { Devices = [.. settings.Devices.Select(known => known.Name == Name ? known with { Path = Value } : known)] };
        }

        if (config.Args.Name != Name)
            throw EngineException.Invalid($"setting \"{Name}\" not found in the plugin configuration");
        Require("value", config.Args.Settable);
        return settings with { Args = Value.Split(' ') };

        bool IsOwn(string known) => known.StartsWith(Name + "=", StringComparison.Ordinal);
    }

    // Without a field the only one that may be set is meant.
    private void Require(string field, IReadOnlyList<string>? settable)
    {
        if (Field.Length == 0 && settable is { Count: > 1 })
            throw EngineException.Invalid("multiple fields are settable, one must be specified");
        var meant = Field.Length == 0 && settable is [var only] ? only : Field;
        if (meant != field || settable?.Contains(field) != true)
            throw EngineException.Invalid($"\"{Shown}\" is not settable");
    }
}
