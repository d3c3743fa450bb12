using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Specs;

/// <summary><c>--security-opt</c>, read.</summary>
internal sealed record SecurityOptions
{
    /// <summary>execve grants nothing any more.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary><c>unconfined</c>, a profile in Docker's JSON, or null for the default profile.</summary>
    public string? Seccomp { get; init; }

    /// <summary>Nothing of /proc and /sys is masked or read-only.</summary>
    public bool SystemPathsUnconfined { get; init; }

    /// <summary>The container may make control groups below its own.</summary>
    public bool WritableCgroups { get; init; }

    /// <summary>Reads the options and reports what is wrong or not supported, by name.</summary>
    public static SecurityOptions Parse(SecurityWish wish, List<string> problems)
    {
        var result = new SecurityOptions { NoNewPrivileges = wish.NoNewPrivileges };
        foreach (var option in wish.Options)
        {
            var split = option.IndexOfAny(['=', ':']);
            var key = split < 0 ? option : option[..split];
            var value = split < 0 ? "" : option[(split + 1)..];
            switch (key)
            {
                case "no-new-privileges" when value is "" or "true" or "false":
                    result = result with { NoNewPrivileges = value != "false" };
                    break;
                case "seccomp" when value is "builtin":
                    result = result with { Seccomp = null };
                    break;
                case "seccomp" when value is "unconfined" || value.TrimStart().StartsWith('{'):
                    result = result with { Seccomp = value };
                    break;
                case "systempaths" when value == "unconfined":
                    result = result with { SystemPathsUnconfined = true };
                    break;
                case "writable-cgroups" when value is "" or "true" or "false":
                    result = result with { WritableCgroups = value != "false" };
                    break;
                // Nothing to switch off: neither AppArmor nor SELinux confines containers of this engine.
                case "apparmor" when value == "unconfined":
                case "label" when value == "disable":
                    break;
                case "apparmor" or "label":
                    problems.Add($"security option '{option}' is not supported");
                    break;
                default:
                    problems.Add($"invalid --security-opt: '{option}'");
                    break;
            }
        }

        return result;
    }
}
