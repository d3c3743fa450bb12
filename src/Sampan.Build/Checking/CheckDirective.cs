namespace Sampan.Build.Checking;

/// <summary><c># check=skip=A,B;error=true;experimental=C</c>, and the argument <c>BUILDKIT_DOCKERFILE_CHECK</c>, which comes before it.</summary>
/// <param name="Skipped">Rules that are not checked; <c>all</c>: none is.</param>
/// <param name="Experimental">Rules that are only checked if they are named here; <c>all</c>: every one.</param>
/// <param name="IsError">A warning ends the build.</param>
internal sealed record CheckDirective(IReadOnlySet<string> Skipped, IReadOnlySet<string> Experimental, bool IsError)
{
    /// <summary>Reads it; what it does not know it leaves out, as the directive is a comment to others.</summary>
    internal static CheckDirective Parse(string? text)
    {
        var skipped = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var experimental = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var isError = false;
        foreach (var part in (text ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            var value = equals < 0 ? "" : part[(equals + 1)..].Trim();
            switch (equals < 0 ? part : part[..equals].Trim())
            {
                case "skip":
                    skipped.UnionWith(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
                    break;
                case "experimental":
                    experimental.UnionWith(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
                    break;
                case "error":
                    isError = value.Equals("true", StringComparison.OrdinalIgnoreCase) || value == "1";
                    break;
            }
        }
        return new CheckDirective(skipped, experimental, isError);
    }

    /// <summary>Whether a rule counts.</summary>
    internal bool Counts(string rule, bool isExperimental) =>
        !Skipped.Contains("all") && !Skipped.Contains(rule) && (!isExperimental || Experimental.Contains("all") || Experimental.Contains(rule));
}
