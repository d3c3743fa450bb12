namespace Sampan.EndToEnd.Harness;

/// <summary>Docker's client 20.10, as Debian 12 has it: the last with BuildKit's client in it. <c>scripts/docker-20.10</c> puts it there.</summary>
internal static class DebianDocker
{
    private static readonly string _path = Path.Combine(Checkout.Root, "artifacts", "clients", "docker-20.10");

    /// <summary>Its path; a test on a machine where it could not be had is skipped.</summary>
    internal static string Required()
    {
        if (!File.Exists(_path))
            Assert.Skip("Debian's docker client 20.10 could not be had (scripts/docker-20.10 says why)");
        return _path;
    }
}
