using System.Text;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>
/// A tag template as docker has it for log drivers: text with <c>{{.Field}}</c> and <c>{{index .ContainerLabels "name"}}</c>.
/// Go's further template functions are refused by name.
/// </summary>
internal static class LogTag
{
    /// <summary>Docker's default: the id's first twelve digits.</summary>
    public const string Default = "{{.ID}}";

    /// <summary>The template with the container's facts in it.</summary>
    /// <exception cref="FormatException">It is no template, or says something that is not known here.</exception>
    public static string Expand(string template, LogOrigin origin)
    {
        var text = new StringBuilder();
        for (var at = 0; at < template.Length;)
        {
            var open = template.IndexOf("{{", at, StringComparison.Ordinal);
            if (open < 0)
            {
                text.Append(template, at, template.Length - at);
                break;
            }

            text.Append(template, at, open - at);
            var close = template.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
                throw new FormatException($"invalid tag '{template}': an action is not closed");
            text.Append(Value(template[(open + 2)..close].Trim(), origin));
            at = close + 2;
        }

        return text.ToString();
    }

    private static string Value(string action, LogOrigin origin)
    {
        const string Index = "index .ContainerLabels ";
        if (action.StartsWith(Index, StringComparison.Ordinal) && action[Index.Length..].Trim() is ['"', .. var name, '"'])
            return origin.Labels.GetValueOrDefault(name) ?? "";
        return action switch
        {
            ".ID" => origin.Id[..Math.Min(12, origin.Id.Length)],
            ".FullID" => origin.Id,
            ".Name" => origin.Name,
            ".ImageID" => Short(origin.ImageId),
            ".ImageFullID" => origin.ImageId,
            ".ImageName" => origin.ImageName,
            ".DaemonName" => "docker",
            ".Command" => origin.Command,
            ".Hostname" => origin.Hostname,
            ".ContainerID" => origin.Id,
            ".ContainerName" => "/" + origin.Name,
            ".ContainerImageID" => origin.ImageId,
            ".ContainerImageName" => origin.ImageName,
            _ => throw new FormatException($"invalid tag: '{{{{{action}}}}}' is not supported: use .ID, .FullID, .Name, .ImageID, .ImageFullID, .ImageName, .DaemonName, .Command, .Hostname or index .ContainerLabels \"name\""),
        };
    }

    private static string Short(string imageId)
    {
        var digits = imageId.StartsWith("sha256:", StringComparison.Ordinal) ? imageId["sha256:".Length..] : imageId;
        return digits[..Math.Min(12, digits.Length)];
    }
}
