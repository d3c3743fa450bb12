using System.Diagnostics.CodeAnalysis;

namespace Sampan.Cli.Arguments;

/// <summary>
/// One row of a command's option table. The table is the only description of an option: parsing, help and completion
/// are made from it.
/// </summary>
internal abstract class Option(string name, char? letter, string valueName, string help)
{
    /// <summary>The long name without dashes.</summary>
    public string Name => name;

    /// <summary>The one-letter name; null: none.</summary>
    public char? Letter => letter;

    /// <summary>What the value is called in the help; empty: a flag that needs none.</summary>
    public string ValueName => valueName;

    public string Help => help;

    public bool IsFlag => valueName.Length == 0;

    /// <summary>What the help shows as default; empty: nothing.</summary>
    public string DefaultText { get; init; } = "";

    /// <summary>Not shown in help and completion: deprecated names.</summary>
    public bool Hidden { get; init; }

    /// <summary>Why using it is refused; null: it is supported.</summary>
    public string? Refusal { get; init; }

    /// <summary>What completes its value.</summary>
    public Candidates Completes { get; init; }

    /// <summary>Fixed candidates for its value.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The names as error messages show them: "-m, --memory".</summary>
    public string DisplayName => letter is null ? "--" + name : $"-{letter}, --{name}";

    public abstract object? Initial { get; }

    /// <summary>Takes one more value; <see cref="FormatException"/> says what is wrong with it.</summary>
    public abstract object? Take(object? before, string text);

    public static Option<bool> Flag(string name, char? letter, string help, bool initial = false) =>
        new(name, letter, "", help, initial, static (_, text) => Values.Boolean(text)) { DefaultText = initial ? "true" : "" };

    public static Option<string> Text(string name, char? letter, string valueName, string help, string initial = "") =>
        new(name, letter, valueName, help, initial, static (_, text) => text) { DefaultText = initial.Length > 0 ? $"\"{initial}\"" : "" };

    public static Option<IReadOnlyList<string>> List(string name, char? letter, string valueName, string help, Action<string>? check = null) =>
        new(name, letter, valueName, help, [], (before, text) =>
        {
            check?.Invoke(text);
            return [.. before, text];
        });

    /// <summary>A list whose every value may hold several, with commas between.</summary>
    public static Option<IReadOnlyList<string>> CommaList(string name, char? letter, string valueName, string help) =>
        new(name, letter, valueName, help, [], static (before, text) => [.. before, .. text.Split(',')]);

    public static Option<IReadOnlyDictionary<string, string>> Map(string name, char? letter, string valueName, string help) =>
        new(name, letter, valueName, help, new Dictionary<string, string>(StringComparer.Ordinal), static (before, text) =>
        {
            int equals = text.IndexOf('=');
            return new Dictionary<string, string>(before, StringComparer.Ordinal) { [equals < 0 ? text : text[..equals]] = equals < 0 ? "" : text[(equals + 1)..] };
        });

    public static Option<long?> Number(string name, char? letter, string help, string valueName = "int") =>
        new(name, letter, valueName, help, null, static (_, text) => Values.Integer(text));

    /// <summary>A number for a field of 32 bits.</summary>
    public static Option<long?> Number32(string name, char? letter, string help, string valueName = "int") =>
        new(name, letter, valueName, help, null, static (_, text) => Values.Integer32(text));

    /// <summary>Bytes: 512, 64k, 1.5g, 10MiB.</summary>
    public static Option<long?> Bytes(string name, char? letter, string help) =>
        new(name, letter, "bytes", help, null, static (_, text) => Values.Bytes(text));

    /// <summary>A time such as 1m30s, in nanoseconds.</summary>
    public static Option<long?> Duration(string name, string help) =>
        new(name, null, "duration", help, null, static (_, text) => Values.Duration(text));

    /// <summary>An option that docker has and sampan names but does not do.</summary>
    public static Option<string> Refused(string name, char? letter, string valueName, string help, string reason) =>
        new(name, letter, valueName, help, "", static (_, text) => text) { Refusal = reason, Hidden = true };
}

/// <summary>An option and the type of its value.</summary>
[SuppressMessage("Design", "MA0048", Justification = "the generic half of Option")]
internal sealed class Option<T>(string name, char? letter, string valueName, string help, T initial, Func<T, string, T> take)
    : Option(name, letter, valueName, help)
{
    public override object? Initial => initial;

    /// <summary>The value when the option was not given.</summary>
    public T Absent => initial;

    public override object? Take(object? before, string text) => take(before is T value ? value : initial, text);
}
