using System.Security.Cryptography;

namespace Sampan.Engine.Containers;

/// <summary>Names and ids of containers.</summary>
internal static class ContainerName
{
    private static readonly string[] Adjectives =
    [
        "agile", "amber", "ample", "azure", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid", "cheery", "clear", "clever", "coastal",
        "cosy", "crisp", "curious", "deft", "drifting", "eager", "early", "earnest", "easy", "fair", "fleet", "floating", "fond", "fresh", "gallant",
        "gentle", "gilded", "glad", "golden", "graceful", "grand", "happy", "hardy", "hearty", "honest", "humble", "jolly", "keen", "kind", "lively",
        "lucid", "lucky", "mellow", "merry", "mild", "mindful", "modest", "neat", "nimble", "noble", "nordic", "patient", "placid", "plucky", "polite",
        "proud", "prudent", "quick", "quiet", "rapid", "ready", "rested", "robust", "rosy", "rustic", "sailing", "salty", "serene", "sharp", "silent",
        "silver", "smooth", "snug", "sober", "solid", "spry", "stable", "steady", "still", "stout", "sunny", "swift", "tidal", "tidy", "trim", "trusty",
        "upbeat", "vivid", "warm", "wary", "wise", "witty", "zesty",
    ];

    private static readonly string[] Nouns =
    [
        "anchor", "atoll", "barge", "bay", "beacon", "beam", "bollard", "bow", "breaker", "breeze", "bridge", "brig", "buoy", "cabin", "canoe", "cape",
        "capstan", "cargo", "channel", "clipper", "coast", "compass", "coral", "corvette", "cove", "crane", "crest", "current", "cutter", "deck", "delta",
        "dhow", "dinghy", "dock", "dolphin", "dory", "ebb", "eddy", "estuary", "ferry", "fjord", "fleet", "flotsam", "foam", "frigate", "galley", "gannet",
        "gull", "gulf", "halyard", "harbour", "heron", "hull", "island", "isthmus", "jetty", "jib", "junk", "kayak", "keel", "ketch", "kelp", "knot", "lagoon",
        "lantern", "launch", "ledge", "lock", "lugger", "marina", "mast", "moor", "narwhal", "oar", "osprey", "otter", "paddle", "pelican", "petrel", "pier",
        "pilot", "plover", "quay", "raft", "reef", "rigging", "rudder", "sail", "schooner", "seal", "sextant", "shoal", "shore", "skiff", "sloop", "spar",
        "squall", "stern", "strait", "surf", "swell", "tern", "tide", "tiller", "trawler", "tug", "voyage", "wake", "walrus", "wave", "wharf", "yawl",
    ];

    /// <summary>A new id: 64 hexadecimal digits. Never all decimal in its first 12, so that it can be a host name (as Docker).</summary>
    public static string NewId()
    {
        while (true)
        {
            var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            if (!id.AsSpan(0, 12).ContainsAnyExceptInRange('0', '9'))
                continue;
            return id;
        }
    }

    /// <summary>A name nobody chose: <c>adjective_noun</c>, with a digit from the third attempt on.</summary>
    public static string Generate(int attempt)
    {
        var name = $"{Adjectives[RandomNumberGenerator.GetInt32(Adjectives.Length)]}_{Nouns[RandomNumberGenerator.GetInt32(Nouns.Length)]}";
        return attempt < 3 ? name : name + RandomNumberGenerator.GetInt32(10 * attempt);
    }

    /// <summary>Docker's rule for names: <c>[a-zA-Z0-9][a-zA-Z0-9_.-]+</c>, a leading slash is dropped.</summary>
    public static string Check(string name)
    {
        var bare = name.StartsWith('/') ? name[1..] : name;
        if (bare.Length < 2 || bare.Length > 255 || !char.IsAsciiLetterOrDigit(bare[0]) || !bare.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            throw EngineException.Invalid($"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        return bare;
    }
}
