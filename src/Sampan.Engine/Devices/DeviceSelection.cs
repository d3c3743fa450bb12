using System.Globalization;
using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Devices;

/// <summary>Turns devices that are asked for in words into CDI names: by name (<c>--device vendor/class=name</c>), or GPUs (<c>--gpus</c>), which are those of the kinds <c>…/gpu</c>.</summary>
internal static class DeviceSelection
{
    private const string Cdi = "cdi";
    private static readonly string[] s_vendors = ["nvidia.com/gpu", "amd.com/gpu", "intel.com/gpu"];

    /// <summary>What is wrong with a wish whatever devices there are; null: nothing.</summary>
    public static string? Problem(DeviceWish wish)
    {
        if (wish.Driver == Cdi)
            return wish.Ids.FirstOrDefault(id => !CdiName.TryParse(id, out _)) is { } bad ? $"invalid CDI device name '{bad}': expected vendor/class=name"
                : wish.Ids.Count == 0 ? "no CDI devices are named" : null;
        if (!IsGpu(wish))
            return $"{Refusal(wish)}: this engine finds devices by CDI names, and GPUs";
        if (wish.Count != 0 && wish.Ids.Count > 0)
            return "cannot set both Count and DeviceIDs on device request";
        return wish.Options.Count > 0 ? $"{Refusal(wish)}: options of a driver ({string.Join(", ", wish.Options.Keys)}) are not supported" : null;
    }

    /// <summary>The names that a container's wishes mean.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: there is no GPU, or not enough.</exception>
    public static IReadOnlyList<string> Names(IReadOnlyList<DeviceWish> wishes, CdiDirectory devices, IReadOnlyList<string> directories) =>
        [.. wishes.SelectMany(wish => wish.Driver == Cdi ? wish.Ids : Gpus(wish, devices, directories))];

    private static IReadOnlyList<string> Gpus(DeviceWish wish, CdiDirectory devices, IReadOnlyList<string> directories)
    {
        var kinds = devices.Names.Where(name => name.Kind.EndsWith("/gpu", StringComparison.Ordinal)).ToLookup(name => name.Kind, name => name.Device);
        var kind = s_vendors.FirstOrDefault(kinds.Contains) ?? kinds.Select(k => k.Key).FirstOrDefault()
            ?? throw EngineException.Invalid($"{Refusal(wish)}: no CDI specification of a kind such as nvidia.com/gpu in {string.Join(" or ", directories)}; 'nvidia-ctk cdi generate' writes one{(devices.Problems.Count == 0 ? "" : $" ({string.Join("; ", devices.Problems)})")}");
        if (wish.Ids.Count > 0)
            return [.. wish.Ids.Select(id => $"{kind}={id}")];
        // Vendors name each GPU by its number and by its UUID, and all of them "all".
        if (wish.Count == -1 && kinds[kind].Contains("all"))
            return [$"{kind}=all"];
        var numbered = kinds[kind].Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)).OrderBy(name => int.Parse(name, CultureInfo.InvariantCulture)).ToList();
        if (wish.Count > numbered.Count || numbered.Count == 0)
            throw EngineException.Invalid($"{Refusal(wish)}: {wish.Count} are wanted, {numbered.Count} of the kind {kind} are here");
        return [.. numbered.Take(wish.Count == -1 ? numbered.Count : wish.Count).Select(name => $"{kind}={name}")];
    }

    private static bool IsGpu(DeviceWish wish) => wish.Driver is null or "nvidia" && wish.Capabilities.Any(all => all.Contains("gpu"));

    private static string Refusal(DeviceWish wish) =>
        $"could not select device driver \"{wish.Driver}\" with capabilities: [{string.Join(' ', wish.Capabilities.Select(all => $"[{string.Join(' ', all)}]"))}]";
}
