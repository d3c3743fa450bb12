using System.Globalization;
using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Services;

/// <summary>The labels by which a container says that it is one of several; see docs/networks.md.</summary>
internal static class ServiceLabels
{
    /// <summary>The service that it is one of.</summary>
    public const string Service = "sampan.service";

    /// <summary>How many seconds its connections have to end before it is asked to.</summary>
    public const string Drain = "sampan.service.drain";

    private const string GatewayPrefix = "sampan.gateway.";
    private const int LongestName = 128;
    private const int LongestDrain = 3600;
    private static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(10);

    /// <summary>The service; null: it is none's.</summary>
    public static string? ServiceOf(ContainerSpec spec) => spec.Labels.GetValueOrDefault(Service) is { Length: > 0 } name ? name : null;

    /// <summary>How long its connections may take to end before it is asked to; null: nobody shares connections out to it.</summary>
    public static TimeSpan? DrainOf(ContainerSpec spec)
    {
        if (ServiceOf(spec) is null && !spec.Labels.Keys.Any(k => k.StartsWith(GatewayPrefix, StringComparison.Ordinal)))
            return null;
        return spec.Labels.TryGetValue(Drain, out var text) && Seconds(text) is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultDrain;
    }

    /// <summary>What is wrong with a container's labels.</summary>
    public static IEnumerable<string> Problems(ContainerSpec spec)
    {
        if (spec.Labels.TryGetValue(Service, out var name) && !(name.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')))
            yield return $"invalid label {Service}: '{name}': a letter or digit, then at most {LongestName - 1} letters, digits, '_', '.', '-' are expected";
        if (spec.Labels.TryGetValue(Drain, out var drain) && Seconds(drain) is null)
            yield return $"invalid label {Drain}: '{drain}': a number of seconds from 0 to {LongestDrain} is expected";
    }

    private static int? Seconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LongestDrain ? seconds : null;
}
