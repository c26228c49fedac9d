# Completion of tenon(1) for bash.
_tenon() {
    local current=$2 previous=$3 word subcommand='' nested=''
    COMPREPLY=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            -*) ;;
            *) if [[ -z $subcommand ]]; then subcommand=$word; elif [[ -z $nested ]]; then nested=$word; fi ;;
        esac
    done
    case $current in
        --config=* | --pidfile=* | --log.file=*)
            mapfile -t COMPREPLY < <(compgen -f -- "${current#*=}")
            return
            ;;
        --plugins.directory=*)
            mapfile -t COMPREPLY < <(compgen -d -- "${current#*=}")
            return
            ;;
    esac
    case "$previous $current" in
        '= '* | *' =')
            mapfile -t COMPREPLY < <(compgen -f -- "${current#=}")
            return
            ;;
    esac
    case $subcommand in
        '')
            mapfile -t COMPREPLY < <(compgen -W "serve list call read prompt login shell validate-config print-config plugin token hash-password doctor status stop reload \
                --config= --stdio --transport= --host= --port= --daemon --pidfile= --umask= --help --version \
                --http.host= --http.port= --plugins.directory= --log.level= --log.file=" -- "$current")
            ;;
        plugin)
            case $nested in
                '') mapfile -t COMPREPLY < <(compgen -W "new check run list lock diff settings" -- "$current") ;;
                new) mapfile -t COMPREPLY < <(compgen -W "--c" -- "$current") ;;
                list) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
                *) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
            esac
            ;;
        token)
            mapfile -t COMPREPLY < <(compgen -W "--config= --subject= --type= --scope= --audience= --permission= \
                --key= --seconds=" -- "$current")
            ;;
        status) mapfile -t COMPREPLY < <(compgen -W "--json --cluster --pidfile= --pid= --config= --help" -- "$current") ;;
        stop | reload) mapfile -t COMPREPLY < <(compgen -W "--pidfile= --pid= --config= --help" -- "$current") ;;
        doctor) mapfile -t COMPREPLY < <(compgen -W "--token= --user= --header= --cacert= --timeout=" -- "$current") ;;
        list | call | read | prompt | login | shell)
            # Servers, tools, parameters and URIs: asked of tenon itself.
            mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
            ;;
        validate-config) mapfile -t COMPREPLY < <(compgen -W "--config=" -- "$current") ;;
    esac
    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
}
complete -F _tenon tenon
