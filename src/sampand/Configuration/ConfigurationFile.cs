using System.Text.Json;

namespace Sampand.Configuration;

/// <summary>The configuration file: JSON with dockerd's keys.</summary>
internal static class ConfigurationFile
{
    private const string RuntimesExpected = "programs by name, each {\"path\":\"…\",\"runtimeArgs\":[…]}";

    /// <summary>Reads the file.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, is not JSON, has unknown keys (all are named) or values of the wrong kind.</exception>
    internal static Settings Read(string path) => ConfigurationDocument.Read(path, root => Read(path, root));

    private static Settings Read(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ConfigurationException($"configuration file '{path}' must hold one JSON object");
        var settings = new Settings();
        var unknown = new List<string>();
        var missing = new List<string>();
        foreach (var property in root.EnumerateObject())
        {
            if (OptionTable.ByKey(property.Name) is { } option)
                Take(path, settings, option, property.Value);
            else
                (OptionTable.Missing.Contains(property.Name) ? missing : unknown).Add(property.Name);
        }

        if (unknown.Count > 0)
            throw new ConfigurationException($"configuration file '{path}': the following directives don't match any configuration option: {string.Join(", ", unknown)}");
        if (missing.Count > 0)
            throw new ConfigurationException($"configuration file '{path}': the following directives of dockerd are not supported: {string.Join(", ", missing)}");
        return settings;
    }

    private static void Take(string path, Settings settings, Option option, JsonElement value)
    {
        switch (option.Kind)
        {
            case OptionKind.Text when value.ValueKind == JsonValueKind.String:
                settings.Add(option, value.GetString() ?? "");
                break;
            case OptionKind.Switch when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                settings.Add(option, value.GetBoolean() ? "true" : "false");
                break;
            case OptionKind.Number when value.ValueKind == JsonValueKind.Number:
                settings.Add(option, value.GetRawText());
                break;
            case OptionKind.Json when value.ValueKind == JsonValueKind.Object:
                settings.Add(option, value.GetRawText());
                break;
            case OptionKind.List when value.ValueKind == JsonValueKind.Array:
                settings.AddEmpty(option);
                foreach (var item in value.EnumerateArray())
                    settings.Add(option, item.ValueKind == JsonValueKind.String ? item.GetString() ?? "" : throw Wrong("a list of texts"));
                break;
            case OptionKind.Pools when value.ValueKind == JsonValueKind.Array:
                settings.AddEmpty(option);
                foreach (var item in value.EnumerateArray())
                    settings.Add(option, Pool(item));
                break;
            case OptionKind.Map when value.ValueKind == JsonValueKind.Object:
                settings.AddEmpty(option);
                foreach (var item in value.EnumerateObject())
                    settings.Add(option, $"{item.Name}={(item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString() : throw Wrong("texts by name"))}");
                break;
            case OptionKind.Lists when value.ValueKind == JsonValueKind.Object:
                settings.AddEmpty(option);
                foreach (var list in value.EnumerateObject())
                {
                    if (list.Value.ValueKind != JsonValueKind.Array)
                        throw Wrong("lists of texts by name");
                    foreach (var item in list.Value.EnumerateArray())
                        settings.Add(option, $"{list.Name}={(item.ValueKind == JsonValueKind.String ? item.GetString() : throw Wrong("lists of texts by name"))}");
                }

                break;
            case OptionKind.Ulimits when value.ValueKind == JsonValueKind.Object:
                settings.AddEmpty(option);
                foreach (var item in value.EnumerateObject())
                    settings.Add(option, $"{item.Name}={Limit(item.Value, "Soft")}:{Limit(item.Value, "Hard")}");
                break;
            case OptionKind.Runtimes when value.ValueKind == JsonValueKind.Object:
                settings.AddEmpty(option);
                foreach (var item in value.EnumerateObject())
                    settings.Add(option, $"{item.Name}={Runtime(item.Value)}");
                break;
            default:
                throw Wrong(option.Kind switch
                {
                    OptionKind.Text => "a text",
                    OptionKind.Switch => "true or false",
                    OptionKind.Number => "a number",
                    OptionKind.Json => "an object",
                    OptionKind.List => "a list of texts",
                    OptionKind.Pools => "a list of {\"base\":\"…\",\"size\":…}",
                    OptionKind.Map => "texts by name",
                    OptionKind.Lists => "lists of texts by name",
                    OptionKind.Runtimes => RuntimesExpected,
                    _ => "limits by name, each {\"Name\":…,\"Soft\":…,\"Hard\":…}",
                });
        }

        string Pool(JsonElement pool) =>
            pool.ValueKind == JsonValueKind.Object && pool.TryGetProperty("base", out var range) && range.ValueKind == JsonValueKind.String && pool.TryGetProperty("size", out var size) && size.TryGetInt32(out var bits)
                ? $"base={range.GetString()},size={bits}"
                : throw Wrong("a list of {\"base\":\"…\",\"size\":…}");

        string Runtime(JsonElement runtime)
        {
            var words = new List<string> { "" };
            foreach (var member in runtime.ValueKind == JsonValueKind.Object ? runtime.EnumerateObject() : throw Wrong(RuntimesExpected))
            {
                if (member is { Name: "path", Value.ValueKind: JsonValueKind.String })
                    words[0] = member.Value.GetString() ?? "";
                else if (member is { Name: "runtimeArgs", Value.ValueKind: JsonValueKind.Array })
                    words.AddRange(member.Value.EnumerateArray().Select(word => word.ValueKind == JsonValueKind.String ? word.GetString() ?? "" : throw Wrong(RuntimesExpected)));
                else
                    throw Wrong(RuntimesExpected);
            }

            return string.Join(RuntimeSettings.Separator, words);
        }

        long Limit(JsonElement limit, string side) =>
            limit.ValueKind == JsonValueKind.Object && limit.TryGetProperty(side, out var number) && number.TryGetInt64(out var count)
                ? count
                : throw Wrong("limits by name, each {\"Name\":…,\"Soft\":…,\"Hard\":…}");

        ConfigurationException Wrong(string expected) => new($"configuration file '{path}': invalid value of '{option.Key}': expected {expected}");
    }
}
