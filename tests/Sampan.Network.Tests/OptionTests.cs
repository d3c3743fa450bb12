namespace Sampan.Network.Tests;

public class OptionTests
{
    private static readonly NetworkOptions s_good = new() { Bridge = "sptest0", BridgeAddress = "10.0.0.1/24", StateDirectory = "/nonexistent/a", ExecDirectory = "/nonexistent/b" };

    public static TheoryData<NetworkOptions, NetworkError, string> Bad => new()
    {
        { s_good with { Bridge = "" }, NetworkError.InvalidInput, "bridge name ''" },
        { s_good with { Bridge = "a-name-of-16-byt" }, NetworkError.InvalidInput, "a-name-of-16-byt" },
        { s_good with { Bridge = "a/b" }, NetworkError.InvalidInput, "a/b" },
        { s_good with { Bridge = ".." }, NetworkError.InvalidInput, ".." },
        { s_good with { BridgeAddress = "10.0.0.1" }, NetworkError.InvalidInput, "10.0.0.1" },
        { s_good with { BridgeAddress = "10.0.0.0/24" }, NetworkError.InvalidInput, "like '10.0.0.1/24'" },
        { s_good with { BridgeAddress = "10.0.0.255/24" }, NetworkError.InvalidInput, "like '10.0.0.1/24'" },
        { s_good with { BridgeSubnet6 = "172.17.0.0/16" }, NetworkError.InvalidInput, "version 6 '172.17.0.0/16'" },
        { s_good with { BridgeAddress = "fd00::1/64" }, NetworkError.InvalidInput, "fd00::1/64" },
        { s_good with { Mtu = 10 }, NetworkError.InvalidInput, "mtu '10'" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task An_option_that_cannot_be_is_refused_before_anything_is_made(NetworkOptions options, NetworkError kind, string words)
    {
        var refusal = await Should.ThrowAsync<NetworkException>(() => NetworkService.OpenAsync(options, TimeProvider.System, CancellationToken.None));

        refusal.Kind.ShouldBe(kind);
        refusal.Message.ShouldContain(words);
        Directory.Exists("/nonexistent").ShouldBeFalse();
    }
}
