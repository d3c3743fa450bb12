using System.Globalization;
using System.Text;

namespace Sampan.Cli.Requests;

/// <summary>Environment and label files: a NAME=value per line, '#' begins a comment line.</summary>
internal static class SettingFiles
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The variables of files and options in order; a NAME alone takes its value from <paramref name="environment"/>, or is left out.</summary>
    public static List<string> Environment(IEnumerable<string> files, IEnumerable<string> options, Func<string, string?> environment) =>
        [.. files.SelectMany(f => Read(f, environment)), .. options.SelectMany(o => Resolve(o, environment))];

    public static Dictionary<string, string> Labels(IEnumerable<string> files, IEnumerable<string> options)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string label in files.SelectMany(f => Read(f, static _ => "")).Concat(options))
        {
            CheckLabel(label);
            int equals = label.IndexOf('=');
            string name = equals < 0 ? label : label[..equals];
            labels[name] = equals < 0 ? "" : label[(equals + 1)..];
        }
        return labels;
    }

    internal static void CheckLabel(string label)
    {
        if (label.Length == 0 || label[0] == '=') throw new FormatException($"invalid label '{label}': empty name");
    }

    internal static void CheckVariable(string setting)
    {
        if (setting.Length == 0 || setting[0] == '=') throw new FormatException($"invalid environment variable: {setting}");
    }

    private static IEnumerable<string> Read(string file, Func<string, string?> environment)
    {
        byte[] bytes;
        try
        {
            // Not File.Exists alone: a pipe is as good as a file, --env-file <(…).
            bytes = Directory.Exists(file) ? throw new FormatException($"read {file}: is a directory") : File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException(e is FileNotFoundException or DirectoryNotFoundException ? $"open {file}: no such file or directory" : $"open {file}: {e.Message}", e);
        }
        string text;
        try
        {
            text = s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            int number = 1 + bytes.AsSpan(0, Math.Min(Math.Max(e.Index, 0), bytes.Length)).Count((byte)'\n');
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"invalid bytes on line {number} of '{file}': it is not UTF-8"), e);
        }
        // A line ends with a line feed: a carriage return inside of it belongs to the value.
        foreach (string raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            string line = (raw.EndsWith('\r') ? raw[..^1] : raw).TrimStart(' ', '\t');
            if (line.Length == 0 || line[0] == '#') continue;
            int equals = line.IndexOf('=');
            string name = equals < 0 ? line : line[..equals];
            if (name.Length == 0) throw new FormatException($"no variable name on line '{line}' of '{file}'");
            if (name.AsSpan().ContainsAny(" \t")) throw new FormatException($"variable '{name}' contains whitespaces, in '{file}'");
            foreach (string resolved in Resolve(line, environment)) yield return resolved;
        }
    }

    private static IEnumerable<string> Resolve(string setting, Func<string, string?> environment)
    {
        CheckVariable(setting);
        if (setting.Contains('=')) return [setting];
        return environment(setting) is { } value ? [$"{setting}={value}"] : [];
    }
}
