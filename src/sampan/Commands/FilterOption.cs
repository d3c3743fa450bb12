using Sampan.Cli.Arguments;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands;

/// <summary>--filter name=value, which many commands have.</summary>
internal static class FilterOption
{
    public static Option<IReadOnlyList<string>> New(string help = "Show only what matches (name=value)", bool letter = true) =>
        Option.List("filter", letter ? 'f' : null, "filter", help, static text =>
        {
            if (text.Length > 0 && !text.Contains('=')) throw new FormatException("bad format of filter (expected name=value)");
        });

    public static Filters Read(Invocation call, Option<IReadOnlyList<string>> option)
    {
        var filters = new Filters();
        foreach (string text in call.Get(option).Where(t => t.Length > 0))
        {
            int equals = text.IndexOf('=');
            filters.Add(text[..equals].Trim().ToLowerInvariant(), text[(equals + 1)..].Trim());
        }
        return filters;
    }
}
